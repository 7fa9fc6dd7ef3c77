//! Orders without end, the same for the same seed. About one in five fails, in every way there is.

use crate::input::Entry;
use crate::money::Money;
use crate::order::{Item, PlaceOrder};
use crate::shop::Catalogue;

/// How many products the generated orders are about, besides the poster.
const PRODUCTS: u64 = 64;

/// A product that runs out: every twentieth order asks for it, and there are enough for half of them.
const POSTER: &str = "POSTER";

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough for test data.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn product(number: u64) -> (String, u64) {
    (format!("G{number:03}"), 1_000 * (1 + number))
}

/// What the generated orders are about, with enough of everything but the poster.
pub(crate) fn catalogue(orders: u64) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for (id, price) in (0..PRODUCTS).map(product) {
        catalogue.add(&id, price, orders.saturating_mul(30));
    }
    catalogue.add(POSTER, 12_000, orders / 40);
    catalogue
}

pub(crate) fn orders(count: u64, seed: u64) -> Vec<Entry> {
    let mut random = Random(seed);
    let entry = |number: u64| {
        let order = order(&format!("G{seed}-{number:06}"), &mut random);
        Entry { line: usize::try_from(number).unwrap_or(usize::MAX), order: Ok(order) }
    };
    (1..=count).map(entry).collect()
}

fn order(id: &str, random: &mut Random) -> PlaceOrder {
    let first = random.below(PRODUCTS);
    let mut lines: Vec<(u64, u64)> = (0..=random.below(3)).map(|at| ((first + at) % PRODUCTS, 1 + random.below(3))).collect();
    let mut address = format!("Seoul, Teheran-ro {}", 1 + random.below(300));
    let mut poster = false;
    match random.below(100) {
        0..6 => poster = true,                                    // half of them: out of stock
        6..11 => lines = vec![(PRODUCTS - 1, 79)],                // 79 × ₩64,000: declined
        11..16 => "Dokdo, East Islet 1".clone_into(&mut address), // not served
        16..22 => lines = vec![(0, 21)],                          // does not fit into a parcel
        22..32 => "Ulleungdo, Dodong 9".clone_into(&mut address), // the line is busy, twice
        _ => {}
    }
    let priced = lines.into_iter().map(|(number, quantity)| (product(number), quantity));
    let mut priced: Vec<_> = priced.map(|((id, price), quantity)| (id, price, quantity)).collect();
    if poster {
        priced.push((POSTER.to_owned(), 12_000, 1));
    }
    let total = Money::won(priced.iter().map(|(_, price, quantity)| price * quantity).sum());
    let lines = priced.into_iter().map(|(product, _, quantity)| Item { product, quantity }).collect();
    PlaceOrder { order: id.to_owned(), customer: format!("CUST{:05}", random.below(100_000)), address, lines, total }
}
