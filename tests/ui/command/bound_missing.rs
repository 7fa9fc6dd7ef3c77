use annals::Command;

#[derive(Command)]
struct List<T> { #[id] id: String, item: T }

fn list<T: Clone + Send + Sync + 'static>(item: T) -> impl Command {
    List { id: String::new(), item }
}

fn main() {
    list(1);
}
