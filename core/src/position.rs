//! Where an event is: its version in a stream, its position in a log.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A number that does not fit the 63 bits that stores have for versions and positions.
#[derive(Clone, Copy, Error, PartialEq, Eq)]
#[error("{value} is beyond the largest {what}, {max}", max = i64::MAX)]
pub struct OutOfRange {
    what: &'static str,
    value: u64,
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name(u64);

        impl $name {
            /// The place before the first event.
            pub const ZERO: Self = Self(0);
            /// The place of the first event.
            pub const FIRST: Self = Self(1);
            /// The last place there can be: stores keep 63 bits.
            pub const MAX: Self = Self(i64::MAX as u64);

            /// Checks that `value` fits the 63 bits that stores have.
            ///
            /// # Errors
            /// [`OutOfRange`] if it does not.
            pub const fn new(value: u64) -> Result<Self, OutOfRange> {
                if value > Self::MAX.0 {
                    return Err(OutOfRange { what: $what, value });
                }
                Ok(Self(value))
            }

            /// The number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The number as stores keep it.
            #[expect(clippy::cast_possible_wrap, reason = "`new` keeps the value within i64")]
            pub const fn as_i64(self) -> i64 {
                self.0 as i64
            }

            /// The place `count` further on.
            ///
            /// # Errors
            /// [`OutOfRange`] past [`MAX`](Self::MAX).
            pub const fn forward(self, count: u64) -> Result<Self, OutOfRange> {
                match self.0.checked_add(count) {
                    Some(value) => Self::new(value),
                    None => Err(OutOfRange { what: $what, value: u64::MAX }),
                }
            }

            /// The next place.
            ///
            /// # Errors
            /// [`OutOfRange`] past [`MAX`](Self::MAX).
            pub const fn next(self) -> Result<Self, OutOfRange> {
                self.forward(1)
            }

            /// The place before, or [`ZERO`](Self::ZERO).
            #[must_use]
            pub const fn previous(self) -> Self {
                Self(self.0.saturating_sub(1))
            }
        }

        impl TryFrom<u64> for $name {
            type Error = OutOfRange;

            fn try_from(value: u64) -> Result<Self, OutOfRange> {
                Self::new(value)
            }
        }

        impl TryFrom<i64> for $name {
            type Error = OutOfRange;

            fn try_from(value: i64) -> Result<Self, OutOfRange> {
                u64::try_from(value).map_err(|_| OutOfRange { what: $what, value: value.cast_unsigned() }).and_then(Self::new)
            }
        }

        impl From<$name> for u64 {
            fn from(value: $name) -> u64 {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// The place of an event in its stream: 1, 2, 3 … without holes. Zero means "no event yet".
    Version, "version"
}

counter! {
    /// The place of an event in its log: strictly increasing, never reused, holes allowed. Zero is before the
    /// first event.
    Position, "position"
}

/// Names one log of a store.
///
/// Every store has [`LogId::MAIN`]; nothing in Annals assumes that it is the only one for ever, so whatever
/// remembers a position remembers the log with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogId(u16);

impl LogId {
    /// The log that every store has.
    pub const MAIN: Self = Self(0);

    /// The log with this number.
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The number of the log.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A position together with its log: the portable token of "what I have written" or "how far I have read".
///
/// Its text form is `log:position`, for headers and logs.
///
/// ```
/// # use annals_core as annals;
/// use annals::{LogId, LogPosition, Position};
///
/// let token: LogPosition = "0:42".parse()?;
/// assert_eq!(token, LogPosition::new(LogId::MAIN, Position::new(42)?));
/// assert_eq!(token.to_string(), "0:42");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogPosition {
    /// The log.
    pub log: LogId,
    /// The position in it.
    pub position: Position,
}

impl LogPosition {
    /// A position in a log.
    pub const fn new(log: LogId, position: Position) -> Self {
        Self { log, position }
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.log, self.position)
    }
}

/// A text that is not a [`LogPosition`].
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseLogPositionError {
    /// There is no `:`.
    #[error("`{0}` is not a log position: write `log:position`")]
    Shape(String),
    /// One of the two parts is not a number.
    #[error("a log position consists of two numbers")]
    Number(#[from] ParseIntError),
    /// The position is too large.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

crate::__debug_as_told!(OutOfRange, ParseLogPositionError);

impl FromStr for LogPosition {
    type Err = ParseLogPositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape = || ParseLogPositionError::Shape(text.to_owned());
        let (log, position) = text.split_once(':').ok_or_else(shape)?;
        // One text a token: no signs, no leading zeros.
        let is_plain = |number: &str| number == "0" || !number.starts_with(['+', '-', '0']);
        if !is_plain(log) || !is_plain(position) {
            return Err(shape());
        }
        Ok(Self::new(LogId::new(log.parse()?), Position::new(position.parse()?)?))
    }
}

/// What an append expects of a stream before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExpectedVersion {
    /// Anything goes.
    Any,
    /// The stream has no event.
    NoStream,
    /// The stream has at least one event.
    Exists,
    /// The last event of the stream has this version. `Exact(Version::ZERO)` means the same as
    /// [`NoStream`](Self::NoStream).
    Exact(Version),
}

impl ExpectedVersion {
    /// Whether a stream whose last version is `actual` (zero: no event) meets the expectation.
    pub fn is_met_by(self, actual: Version) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == Version::ZERO,
            Self::Exists => actual > Version::ZERO,
            Self::Exact(expected) => actual == expected,
        }
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no events"),
            Self::Exists => f.write_str("at least one event"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_keeps_within_what_stores_can_hold() {
        assert_eq!(
            Version::MAX.next().map_err(|error| error.to_string()),
            Err("9223372036854775808 is beyond the largest version, 9223372036854775807".into())
        );
        assert!(Version::new(u64::MAX).is_err());
        assert!(Position::try_from(-1_i64).is_err());
        assert!(serde_json::from_str::<Version>("9223372036854775808").is_err());
    }

    #[test]
    fn an_expectation_is_checked_against_the_last_version() {
        let three = Version::new(3).unwrap();
        assert!(ExpectedVersion::Any.is_met_by(Version::ZERO) && ExpectedVersion::Any.is_met_by(three));
        assert!(ExpectedVersion::NoStream.is_met_by(Version::ZERO) && !ExpectedVersion::NoStream.is_met_by(three));
        assert!(!ExpectedVersion::Exists.is_met_by(Version::ZERO) && ExpectedVersion::Exists.is_met_by(three));
        assert!(ExpectedVersion::Exact(three).is_met_by(three) && !ExpectedVersion::Exact(three).is_met_by(Version::FIRST));
    }

    #[test]
    fn a_malformed_token_is_named() {
        assert!("0:+42".parse::<LogPosition>().is_err() && "00:42".parse::<LogPosition>().is_err());
        assert_eq!("42".parse::<LogPosition>().unwrap_err().to_string(), "`42` is not a log position: write `log:position`");
    }
}
