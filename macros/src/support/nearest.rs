//! What a word that is unknown was meant to be.

/// The known word that is nearest to `word`, if one is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count().max(3) / 3;
    let near = known.into_iter().map(|other| (distance(&word.to_lowercase(), other), other));
    near.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

/// How many letters must be put in, left out, replaced, or exchanged with their neighbour (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (at, letter) in from.iter().enumerate() {
        let mut row = vec![at + 1];
        for (other_at, other) in to.iter().enumerate() {
            let replaced = last[other_at] + usize::from(letter != other);
            let mut least = replaced.min(last[other_at + 1] + 1).min(row[other_at] + 1);
            if at > 0 && other_at > 0 && *letter == to[other_at - 1] && from[at - 1] == *other {
                least = least.min(before[other_at - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("", "step"), 4);
        assert_eq!(distance("reserve", "reserve"), 0);
        assert_eq!(distance("reserv", "reserve"), 1);
        assert_eq!(distance("resrve", "reserve"), 1);
        assert_eq!(distance("resevre", "reserve"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_near_word_was_meant() {
        let known = ["reserve", "charge", "ship"];
        assert_eq!(nearest("reserv", known), Some("reserve"));
        assert_eq!(nearest("Charge", known), Some("charge"));
        assert_eq!(nearest("hcarge", known), Some("charge"));
        assert_eq!(nearest("shop", known), Some("ship"));
        assert_eq!(nearest("pay", known), None);
        assert_eq!(nearest("", known), None);
    }
}
