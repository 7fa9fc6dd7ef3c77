//! Durations as they are written in arguments: `"30s"`, `"10ms"`, `"1h30m"`.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Lit, LitStr};

use super::Krate;

const FORM: &str = "a duration is written as `\"30s\"`, `\"10ms\"`, `\"2h\"`, `\"3d\"` or `\"1h30m\"`";

/// The units, the longest first, with what each is in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The longest duration, about 100 years: more than that is a mistake, and moments in time have an end.
const MAX: u64 = 36_525 * 86_400_000;

/// A duration that the user wrote, never zero.
pub(crate) struct Time {
    pub(crate) literal: LitStr,
    pub(crate) duration: Duration,
}

impl Parse for Time {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let literal = match input.parse() {
            Ok(Lit::Str(literal)) => literal,
            Ok(other) => return Err(syn::Error::new_spanned(other, FORM)),
            Err(error) => return Err(syn::Error::new(error.span(), FORM)),
        };
        match read(&literal.value()) {
            Ok(duration) => Ok(Self { literal, duration }),
            Err(message) => Err(syn::Error::new(literal.span(), message)),
        }
    }
}

impl Time {
    /// The expression that gives the duration.
    pub(crate) fn expand(&self, krate: &Krate) -> TokenStream {
        let private = krate.private();
        let millis = u64::try_from(self.duration.as_millis()).unwrap_or(MAX);
        if millis.is_multiple_of(1_000) {
            let seconds = Literal::u64_unsuffixed(millis / 1_000);
            return quote!(#private::Duration::from_secs(#seconds));
        }
        let millis = Literal::u64_unsuffixed(millis);
        quote!(#private::Duration::from_millis(#millis))
    }
}

/// Numbers with units, each unit shorter than the one before.
fn read(text: &str) -> Result<Duration, String> {
    let malformed = || format!("`{text}` is no duration; {FORM}");
    let mut units = UNITS.iter();
    let mut millis: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(malformed)?);
        let (unit, after) = after.split_at(after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len()));
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or_else(malformed)?;
        if number.is_empty() {
            return Err(malformed());
        }
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*size));
        let sum = part.and_then(|part| millis.checked_add(part)).filter(|sum| *sum <= MAX);
        millis = sum.ok_or_else(|| format!("`{text}` is longer than a hundred years"))?;
        rest = after;
    }
    match (text, millis) {
        ("", _) => Err(malformed()),
        (_, 0) => Err(format!("`{text}` is no time at all: the shortest is `\"1ms\"`")),
        _ => Ok(Duration::from_millis(millis)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<u128> {
        read(text).ok().map(|duration| duration.as_millis())
    }

    #[test]
    fn a_duration_is_numbers_with_units() {
        assert_eq!(millis("10ms"), Some(10));
        assert_eq!(millis("30s"), Some(30_000));
        assert_eq!(millis("5m"), Some(300_000));
        assert_eq!(millis("2h"), Some(7_200_000));
        assert_eq!(millis("3d"), Some(259_200_000));
        assert_eq!(millis("1h30m"), Some(5_400_000));
        assert_eq!(millis("1d2h3m4s5ms"), Some(93_784_005));
        assert_eq!(millis("0h1s"), Some(1_000));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "30", "s", "30 s", " 30s", "1.5s", "-1s", "30m1h", "1h1h", "30sec", "1h30", "٣s", "1µs", "1w"] {
            assert!(read(text).is_err_and(|message| message.contains(FORM)), "{text}");
        }
    }

    #[test]
    fn it_is_neither_nothing_nor_longer_than_time() {
        assert_eq!(read("0s").unwrap_err(), "`0s` is no time at all: the shortest is `\"1ms\"`");
        assert_eq!(millis("36525d"), Some(u128::from(MAX)));
        for text in ["36526d", "36525d1ms", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(read(text).unwrap_err(), format!("`{text}` is longer than a hundred years"));
        }
    }
}
