//! Time as Annals writes it down.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A moment: microseconds since 1970-01-01T00:00:00 UTC.
///
/// Its text form, also in JSON and for `Debug`, is RFC 3339 in UTC with six decimals: it sorts as text as it sorts in time.
///
/// ```
/// # use annals_core as annals;
/// use annals::Timestamp;
///
/// let moment = Timestamp::from_micros(1_700_000_000_123_456);
/// assert_eq!(moment.to_string(), "2023-11-14T22:13:20.123456Z");
/// assert_eq!(moment.to_string().parse(), Ok(moment));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00 UTC.
    pub const EPOCH: Self = Self(0);
    /// 9999-12-30T22:00:00 UTC, the last moment that has a four-digit year in every time zone.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The moment that many microseconds after the epoch, cut off at [`MAX`](Self::MAX) and at year 1.
    pub const fn from_micros(micros: i64) -> Self {
        const MIN: i64 = -62_135_596_800_000_000;
        if micros > Self::MAX.0 {
            Self::MAX
        } else if micros < MIN {
            Self(MIN)
        } else {
            Self(micros)
        }
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The moment `duration` later, cut off at [`MAX`](Self::MAX).
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// How long it is from `earlier` to this moment; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let micros = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
        };
        Self::from_micros(micros)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment:.6}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not an RFC 3339 moment.
#[derive(Clone, Error, PartialEq, Eq)]
#[error("`{0}` is not a moment in RFC 3339, such as 2026-11-22T12:00:00Z")]
pub struct ParseTimestampError(String);

crate::__debug_as_told!(ParseTimestampError);

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self::from_micros(moment.as_microsecond()))
            .map_err(|_| ParseTimestampError(text.to_owned()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_survives_its_text_form() {
        for micros in [0, -1, 1, 1_700_000_000_000_000, Timestamp::MAX.as_micros(), i64::MIN] {
            let moment = Timestamp::from_micros(micros);
            assert_eq!(moment.to_string().parse(), Ok(moment), "{moment}");
            assert_eq!(format!("{moment:?}"), moment.to_string());
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::MAX.after(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::EPOCH.since(Timestamp::MAX), Duration::ZERO);
    }
}
