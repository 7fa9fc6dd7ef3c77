use std::time::Duration;

/// How often and how fast a step is tried again after a transient failure.
///
/// The wait before attempt n + 1 is drawn evenly from zero to `initial · 2ⁿ⁻¹`, at most `longest` ("full jitter",
/// Marc Brooker, *Exponential Backoff and Jitter*, AWS Architecture Blog 2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many attempts a step gets, the first included. Undoing and what comes after the pivot are tried without limit.
    pub attempts: u32,
    /// The longest wait before the second attempt.
    pub initial: Duration,
    /// The longest wait before any attempt.
    pub longest: Duration,
    /// After how long without success a step that is tried without limit is reported as stuck.
    pub alert_after: Duration,
}

impl RetryPolicy {
    /// So many attempts, otherwise as by default.
    pub fn attempts(attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..Self::default() }
    }

    /// Sets the longest wait before the second attempt, and before any.
    #[must_use]
    pub const fn backoff(self, initial: Duration, longest: Duration) -> Self {
        Self { initial, longest, ..self }
    }

    /// Sets after how long without success a step that is tried without limit is reported as stuck.
    #[must_use]
    pub const fn alert_after(self, alert_after: Duration) -> Self {
        Self { alert_after, ..self }
    }

    /// The wait after the failed attempt `attempt` (from 1), given 64 random bits.
    pub fn wait(&self, attempt: u32, random: u64) -> Duration {
        let doubling = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let ceiling = self.initial.checked_mul(doubling).unwrap_or(self.longest).min(self.longest);
        let micros = u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX);
        let drawn = (u128::from(random) * (u128::from(micros) + 1)) >> 64;
        Duration::from_micros(u64::try_from(drawn).unwrap_or(micros))
    }
}

impl Default for RetryPolicy {
    /// Five attempts, at first up to 100 ms apart, at most 30 s; an alert after 5 minutes.
    fn default() -> Self {
        Self {
            attempts: 5,
            initial: Duration::from_millis(100),
            longest: Duration::from_secs(30),
            alert_after: Duration::from_secs(300),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let policy = RetryPolicy::attempts(9).backoff(Duration::from_millis(100), Duration::from_secs(1));
        let longest = |attempt| policy.wait(attempt, u64::MAX);
        assert_eq!(longest(1), Duration::from_millis(100));
        assert_eq!(longest(3), Duration::from_millis(400));
        assert_eq!(longest(9), Duration::from_secs(1));
        assert_eq!(longest(u32::MAX), Duration::from_secs(1));
        assert_eq!(policy.wait(5, 0), Duration::ZERO);
    }
}
