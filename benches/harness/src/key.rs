//! What the work is about: accounts under ids that are spread as ids are in production.

/// Filler: with it, an event has about 120 bytes of JSON.
pub const NOTE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// To whom an account belongs.
pub const OWNER: &str = "somebody";

/// What is deposited each time.
pub const AMOUNT: i64 = 7;

/// The first of the keys that are opened while the clock runs.
pub(crate) const OPENED: u64 = 1 << 32;

/// The first of those that are opened to get ready.
pub(crate) const READY: u64 = 2 << 32;

/// Spreads numbers over all there are, each to another one (splitmix64).
#[must_use]
pub const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The id of the account with a key. Ids in sequence would flatter some indexes and punish others.
#[must_use]
pub fn stream_id(key: u64) -> String {
    format!("acc-{:016x}", mix(key))
}
