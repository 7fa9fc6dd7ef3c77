//! The same work by hand, without a framework: SQL over sqlx, or a map in memory. It is what a framework could reach.

mod account;
mod memory;
mod postgres;
mod read_model;

use bench_harness::{Result, Task, run};
use tokio::runtime::Handle;

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let spawn = move |job| drop(runtime.spawn(job));
    if task.url == "memory:" {
        run(&task, memory::Accounts::default(), spawn).await;
    } else {
        run(&task, postgres::Accounts::open(&task.url, task.connections()).await?, spawn).await;
    }
    Ok(())
}
