//! Other processes that do what they are told, a line at a time: this program again, in one of its tests.

use std::env;
use std::io::{BufRead, BufReader, Lines, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Says which schema the other process works in, and by that, that it is one.
const SCHEMA: &str = "ANNALS_TEST_SCHEMA";

/// What an answer starts with, so that it is told from what the test runner prints.
const ANSWER: &str = "annals: ";

/// A process that does what it is told.
pub(crate) struct Told {
    child: Child,
    orders: Option<ChildStdin>,
    said: Lines<BufReader<ChildStdout>>,
}

impl Told {
    /// Starts this program again, to run only the test `role`.
    pub(crate) fn start(role: &str, schema: &str) -> Self {
        let mut command = Command::new(env::current_exe().expect("the test knows where it is"));
        command.args([role, "--exact", "--test-threads=1", "--nocapture"]).env(SCHEMA, schema);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts again");
        let said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { orders: child.stdin.take(), said, child }
    }

    pub(crate) fn tell(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it is open until the end");
        writeln!(orders, "{order}").expect("the other process listens");
    }

    pub(crate) fn answer(&mut self) -> String {
        let mut said = self.said.by_ref().map(|line| line.expect("the other process writes text"));
        let answer = said.find_map(|line| line.find(ANSWER).map(|at| line[at + ANSWER.len()..].to_owned()));
        answer.expect("the other process ended before it answered")
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        drop(self.orders.take());
        // It ends by itself when nobody tells it anything any more, unless it hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The schema to work in, in a process that was started to be told.
pub(crate) fn schema() -> Option<String> {
    env::var(SCHEMA).ok()
}

/// Does what comes, until nobody tells anything any more.
pub(crate) fn obey(mut act: impl FnMut(&str) -> String) {
    for order in stdin().lines() {
        let answer = act(&order.expect("orders are text"));
        // Not by `println`, which the test runner may keep to itself.
        writeln!(stdout(), "{ANSWER}{answer}").expect("who told listens");
        stdout().flush().expect("who told listens");
    }
}
