use annals::{Event, aggregate};

#[derive(Event)]
enum CatalogueEvent<T> { Listed { items: Vec<T> } }

struct Plain;

#[aggregate(id = String, event = CatalogueEvent<Plain>)]
#[derive(Default)]
struct Catalogue;

fn main() {}
