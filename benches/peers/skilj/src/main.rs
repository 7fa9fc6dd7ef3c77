//! skilj, by the way in that it documents: REST, driven within the process. There is no socket, but routes, tokens and JSON.

mod account;

use std::sync::Arc;
use std::time::Duration;

use account::{Counters, Deposit, Deposited, Open, Opened};
use axum::body::Body;
use axum::http::Request;
use bench_harness::{NOTE, OWNER, Progress, Result, Subject, Task, failure, run, stream_id};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use skilj::Skilj;
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Handle;
use tower::ServiceExt;

const CONTEXT: &str = "bank";

/// How often its projections look for events: as it comes it is every half a second.
const POLL: Duration = Duration::from_millis(10);

struct Accounts {
    router: axum::Router,
    open: String,
    deposit: String,
    url: String,
    _skilj: Skilj,
}

impl Accounts {
    async fn trigger(&self, token: &str, payload: Value) -> Result<()> {
        let request = Request::post("/v1/commands/trigger")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(json!({ "payload": payload }).to_string()))?;
        let response = self.router.clone().oneshot(request).await?;
        let is_success = response.status().is_success();
        let body = response.into_body().collect().await?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if is_success && answer["accepted"] != json!(false) {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&body).into())
    }
}

impl Subject for Accounts {
    async fn open(&self, key: u64) -> Result<u32> {
        self.seed(key, 1).await.map(|()| 0)
    }

    async fn deposit(&self, key: u64) -> Result<u32> {
        self.trigger(&self.deposit, json!({ "id": stream_id(key), "note": NOTE })).await.map(|()| 0)
    }

    async fn seed(&self, key: u64, events: u32) -> Result<()> {
        self.trigger(&self.open, json!({ "id": stream_id(key), "owner": OWNER, "note": NOTE, "events": events })).await
    }

    /// It has been catching up since it was built, a moment ago.
    async fn project(&self, progress: Arc<Progress>) -> Result<()> {
        let pool = PgPoolOptions::new().max_connections(1).connect(&self.url).await?;
        let sql = "select coalesce(sum((state::jsonb ->> 'events')::bigint), 0)::bigint from bc_bank.projection_state";
        while progress.events() < progress.wanted() {
            let events: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await?;
            progress.set(u64::try_from(events)?);
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let task = Task::from_args()?;
    let runtime = Handle::current();
    let admin = skilj::dev::seed_admin(&task.url, "bench", &[CONTEXT]).await.map_err(failure)?;
    let mut builder = Skilj::builder(task.url.clone())
        .pool_options(skilj::default_pool_options().max_connections(task.connections().max(10)))
        .bounded_context(CONTEXT)
        .event_type::<Opened>()
        .event_type::<Deposited>()
        .command_type::<Open>()
        .command_type::<Deposit>()
        .reconciliation_role(admin.external_subject());
    if task.name == "project" {
        builder = builder.projection::<Counters>().async_projection_poll_interval(POLL);
    }
    let (skilj, _) = builder.build().await.map_err(failure)?;
    let open = admin.create_command_token(CONTEXT, "Open").await.map_err(failure)?;
    let deposit = admin.create_command_token(CONTEXT, "Deposit").await.map_err(failure)?;
    let accounts = Accounts { router: skilj.rest_router(), open, deposit, url: task.url.clone(), _skilj: skilj };
    run(&task, accounts, move |job| drop(runtime.spawn(job))).await;
    Ok(())
}
