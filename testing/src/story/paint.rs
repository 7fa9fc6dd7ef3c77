use anstream::{AutoStream, ColorChoice, adapter};
use anstyle::{AnsiColor, Style};

/// What a line is about. It is shown in colour to a person, and in nothing but its sign to everything else.
#[derive(Clone, Copy)]
pub(super) enum Colour {
    /// It was expected.
    Expected,
    /// It came.
    Came,
    /// Where the two differ.
    Field,
}

impl Colour {
    /// The text in its colour.
    pub(super) fn paint(self, text: &str) -> String {
        let style: Style = match self {
            Self::Expected => AnsiColor::Red.on_default(),
            Self::Came => AnsiColor::Green.on_default(),
            Self::Field => AnsiColor::Yellow.on_default(),
        };
        format!("{style}{text}{style:#}")
    }
}

/// The text as whoever reads the errors of this process wants it: with its colours on a terminal, without elsewhere.
pub(crate) fn for_reader(text: &str) -> String {
    match AutoStream::choice(&std::io::stderr()) {
        ColorChoice::Never => adapter::strip_str(text).to_string(),
        _ => text.to_owned(),
    }
}
