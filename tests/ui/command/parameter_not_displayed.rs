use annals::Command;

#[derive(Command)]
struct List<I> { #[id] id: I }

fn name<C: Command>(_: &C) -> &'static str {
    C::NAME
}

fn main() {
    name(&List { id: vec![1_u8] });
}
