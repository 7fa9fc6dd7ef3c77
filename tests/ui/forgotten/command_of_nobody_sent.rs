use annals::App;

struct Place { order: String }

async fn order(app: App) { app.send(Place { order: "A".into() }).await.unwrap(); }

fn main() {}
