//! What the comparisons share.

use serde::de::DeserializeOwned;

/// Reads a golden file; every member of it must be known here, so that none goes unchecked.
pub(crate) fn read<T: DeserializeOwned>(topic: &str, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("docs/golden/{topic}.json: {error}"))
}

/// `let golden: Streams = golden!("streams");`
macro_rules! golden {
    ($topic:literal) => {
        crate::support::read($topic, include_str!(concat!("../../../docs/golden/", $topic, ".json")))
    };
}
pub(crate) use golden;

pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn from_hex_array<const N: usize>(text: &str) -> [u8; N] {
    from_hex(text).try_into().unwrap_or_else(|_| panic!("{text} has not {N} bytes"))
}
