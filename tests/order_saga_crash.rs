//! The order saga, killed wherever it can be killed. The next run goes on, and everything adds up.

#![cfg(unix)]

#[path = "../examples/order_saga/audit.rs"]
mod audit;
#[path = "order_saga/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use annals::{Clock, Random, SystemClock, SystemRandom};
use program::{Place, audited, outcomes, shop, stderr, stdout, succeed};

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// Ends a run at a commit, runs again, and compares with an undisturbed run. Returns whether there was such a commit.
fn crash_at(place: fn() -> Place, option: &str, commit: u64, expected: &[(String, String)]) -> bool {
    let place = place();
    let url = place.url();
    let output = shop(&url).args(["--quiet", option, &commit.to_string()]).output().unwrap();
    let crashed = output.status.signal() == Some(SIGABRT);
    assert!(crashed || output.status.success(), "{option} {commit}: {}\n{}", output.status, stderr(&output));
    succeed(shop(&url).arg("--quiet"));
    let audit = audited(&url);
    assert_eq!(audit.problems, [""; 0], "{option} {commit}");
    assert_eq!(outcomes(&audit), expected, "{option} {commit}");
    crashed
}

/// Crashes at each commit up to the last one of a run. How many there are depends on what shares a page.
fn crash_at_every(place: fn() -> Place, option: &str) {
    let began = SystemClock.now();
    let undisturbed = place();
    succeed(shop(&undisturbed.url()).arg("--quiet"));
    let expected = outcomes(&audited(&undisturbed.url()));
    assert_eq!(expected.len(), 7);

    let next = AtomicU64::new(1);
    let crashes = AtomicU64::new(0);
    let crash = || {
        let mut undisturbed = 0;
        while undisturbed < 3 {
            let crashed = crash_at(place, option, next.fetch_add(1, Ordering::SeqCst), &expected);
            undisturbed = if crashed { 0 } else { undisturbed + 1 };
            crashes.fetch_add(u64::from(crashed), Ordering::SeqCst);
        }
    };
    thread::scope(|scope| {
        scope.spawn(crash);
        scope.spawn(crash);
    });
    let crashes = crashes.into_inner();
    println!("{option}: {crashes} crashes, each made good, in {:?}", SystemClock.now().since(began));
    assert!(crashes > 80, "seven orders take more than {crashes} commits");
}

#[test]
fn a_crash_after_any_commit_is_made_good_by_the_next_run() {
    crash_at_every(Place::sqlite, "--abort-after");
}

#[test]
fn a_crash_after_any_commit_is_made_good_by_the_next_run_on_postgres() {
    crash_at_every(Place::postgres, "--abort-after");
}

#[test]
fn a_crash_before_any_commit_is_made_good_by_the_next_run() {
    crash_at_every(Place::sqlite, "--abort-before");
}

#[test]
fn a_crash_before_any_commit_is_made_good_by_the_next_run_on_postgres() {
    crash_at_every(Place::postgres, "--abort-before");
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing() {
    fifty_kills(&Place::sqlite());
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing_on_postgres() {
    fifty_kills(&Place::postgres());
}

/// Kills at random moments: what was acknowledged is there, and nothing has happened twice.
fn fifty_kills(place: &Place) {
    const KILLS: usize = 50;
    const ORDERS: usize = 300;
    let seed = std::env::var("ANNALS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| SystemRandom.next_u64() >> 16);
    println!("moments of the kills: ANNALS_SEED={seed}");
    let mut state = seed;
    let mut below = |bound: Duration| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bound.mul_f64((state >> 33) as f64 / (1_u64 << 31) as f64)
    };

    let url = place.url();
    let run = |batch: usize| {
        let mut command = shop(&url);
        command.args(["--quiet", "--print-acks", "--generate", &ORDERS.to_string(), "--seed", &batch.to_string()]);
        command
    };
    let began = SystemClock.now();
    succeed(&mut run(1));
    let undisturbed = SystemClock.now().since(began);

    let mut acknowledged = BTreeSet::new();
    let (mut batch, mut kills) = (2, 0);
    while kills < KILLS {
        let mut child = run(batch).spawn().unwrap();
        // Waiting for a process: the moment at which it is killed is the point.
        thread::sleep(below(undisturbed));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        acknowledged.extend(stdout(&output).lines().filter_map(|line| line.strip_prefix("placed ")).map(str::to_owned));
        if output.status.signal() == Some(SIGKILL) {
            kills += 1;
        } else {
            assert!(output.status.success(), "{}\n{}", output.status, stderr(&output));
            batch += 1;
        }
    }
    succeed(&mut run(batch));

    let audit = audited(&url);
    let took = SystemClock.now().since(began);
    println!("{KILLS} kills, {} orders, {} acknowledged before a kill, in {took:?}", audit.cases.len(), acknowledged.len());
    assert_eq!(audit.problems, [""; 0]);
    assert_eq!(audit.cases.len(), batch * ORDERS);
    assert!(audit.phases().keys().all(|phase| ["completed", "compensated"].contains(phase)), "{:?}", audit.phases());
    let lost: Vec<_> = acknowledged.iter().filter(|order| !audit.cases.contains_key(*order)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > ORDERS / 2, "the kills came before anything was acknowledged");
}
