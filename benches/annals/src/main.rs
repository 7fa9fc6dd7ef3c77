//! Annals, as an application uses it, on each of its stores.

mod account;
mod accounts;
mod read_model;
mod tagged;

use bench_harness::{Result, Task, run};
use tokio::runtime::Handle;

use accounts::Accounts;

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    run(&task, Accounts::open(&task).await?, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
