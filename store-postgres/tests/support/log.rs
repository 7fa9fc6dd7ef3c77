//! What a store tells the log.

use std::io::{self, Write};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tracing::subscriber::DefaultGuard;

/// What this thread tells the log.
pub(crate) struct Log {
    lines: UnboundedReceiver<String>,
    _guard: DefaultGuard,
}

struct Lines(UnboundedSender<String>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Nobody listens any more at the end of a test.
        let _ = self.0.send(String::from_utf8_lossy(line).into_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn start() -> Self {
        let (sender, lines) = unbounded_channel();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Lines(sender.clone())).finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// The next line with a text.
    pub(crate) async fn line(&mut self, text: &str) -> String {
        loop {
            let line = self.lines.recv().await.expect("the log goes on");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Whether nothing of this kind came so far.
    pub(crate) fn has_no(&mut self, text: &str) -> bool {
        std::iter::from_fn(|| self.lines.try_recv().ok()).all(|line| !line.contains(text))
    }
}
