use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// How many calls of [`caught`] the thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Where the last panic inside them was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic that was caught: what it said, and where.
#[derive(Clone, Debug)]
pub(super) struct Panic {
    said: String,
    place: Option<String>,
}

impl Panic {
    /// Goes on with the panic, after these words.
    pub(super) fn resume(self, after: &str) -> ! {
        resume_unwind(Box::new(format!("{after}{self}")))
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)?;
        self.place.iter().try_for_each(|place| write!(f, "\n  at {place}"))
    }
}

/// Runs `act` and catches its panic without a word: a history is played hundreds of times on the way to its shortest
/// form, and only what is said of that is worth reading.
pub(super) fn caught<T>(act: impl FnOnce() -> T) -> Result<T, Panic> {
    hush();
    DEPTH.set(DEPTH.get() + 1);
    let done = catch_unwind(AssertUnwindSafe(act));
    DEPTH.set(DEPTH.get() - 1);
    done.map_err(|panic| Panic { said: said(&*panic), place: PLACE.take() })
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_else(|| "a panic".to_owned())
}

/// Keeps panics that will be caught here from being printed; all others go where they went before.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if DEPTH.get() == 0 {
                before(panic);
            } else {
                PLACE.set(panic.location().map(ToString::to_string));
            }
        }));
    });
}
