//! Durations as people write them.

use std::time::Duration;

use serde::Serializer;

const UNITS: [(u128, &str); 7] = [
    (86_400_000_000_000, "d"),
    (3_600_000_000_000, "h"),
    (60_000_000_000, "m"),
    (1_000_000_000, "s"),
    (1_000_000, "ms"),
    (1_000, "us"),
    (1, "ns"),
];

/// `1h 30m`, as the macros take durations, nothing lost.
pub(super) fn text(duration: Duration) -> String {
    let mut left = duration.as_nanos();
    let mut parts = Vec::new();
    for (length, unit) in UNITS {
        if left >= length {
            parts.push(format!("{}{unit}", left / length));
            left %= length;
        }
    }
    if parts.is_empty() { "0s".into() } else { parts.join(" ") }
}

pub(super) fn serialize<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_some(&text(*duration)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_in_the_largest_units() {
        let cases = [
            (Duration::ZERO, "0s"),
            (Duration::from_secs(5_400), "1h 30m"),
            (Duration::from_secs(14 * 86_400), "14d"),
            (Duration::from_millis(1_500), "1s 500ms"),
            (Duration::from_nanos(1_001), "1us 1ns"),
        ];
        for (duration, expected) in cases {
            assert_eq!(text(duration), expected);
        }
    }
}
