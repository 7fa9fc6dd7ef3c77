//! The results as tables for people.

use std::fmt::Write as _;

use super::results::{Results, Row};
use super::subject::{ANNALS, Role, SUBJECTS};
use super::workload::Workload;

/// What Annals comes to beside the others, then everybody in each workload.
pub(crate) fn text(results: &Results) -> String {
    let mut text = String::new();
    // A `String` takes everything.
    let _ = ratios(results, &mut text).and_then(|()| everybody(results, &mut text));
    text
}

fn ratios(results: &Results, text: &mut String) -> std::fmt::Result {
    writeln!(text, "| workload | clients | Annals | p50 ms | p99 ms | to by hand | to the best peer | statements |")?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for (workload, clients) in results.cases() {
        let Some(row) = results.find(workload, clients, ANNALS) else { continue };
        let of = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}×"));
        let peer = results.best_peer(workload, clients).map_or_else(String::new, |peer| format!(" {}", peer.subject.name));
        let statements = row.statements.map_or_else(|| "–".to_owned(), |statements| format!("{statements:.1}"));
        writeln!(
            text,
            "| {} | {clients} | {} {} | {} | {} | {} | {}{peer} | {statements} |",
            workload.name(),
            grouped(row.measured.rate),
            workload.unit(),
            millis(row.measured.p50),
            millis(row.measured.p99),
            of(results.ratio_by_hand(row)),
            of(results.ratio_best_peer(row)),
        )?;
    }
    Ok(())
}

fn everybody(results: &Results, text: &mut String) -> std::fmt::Result {
    let cases = results.cases();
    let mut workloads: Vec<_> = cases.iter().map(|(workload, _)| *workload).collect();
    workloads.dedup();
    for workload in workloads {
        let clients: Vec<_> = cases.iter().filter(|(of, _)| *of == workload).map(|(_, clients)| *clients).collect();
        let heads = clients.iter().map(|clients| format!(" {clients} |")).collect::<String>();
        writeln!(text, "\n{}, {}, by clients (p50 / p99 ms)\n", workload.name(), workload.unit())?;
        writeln!(text, "| |{heads}\n|---|{}", "--:|".repeat(clients.len()))?;
        for subject in SUBJECTS {
            let rows: Vec<_> = clients.iter().map(|clients| results.find(workload, *clients, subject.name)).collect();
            if rows.iter().any(Option::is_some) {
                let name = if subject.role == Role::Own { format!("**{}**", subject.name) } else { subject.name.to_owned() };
                let cells = rows.into_iter().map(|row| row.map_or_else(|| " – |".to_owned(), cell)).collect::<String>();
                writeln!(text, "| {name} |{cells}")?;
            }
        }
    }
    Ok(())
}

fn cell(row: &Row) -> String {
    let took = match (row.measured.p50, row.measured.p99) {
        (None, None) => String::new(),
        (p50, p99) => format!(" ({} / {})", millis(p50), millis(p99)),
    };
    let rate = if row.workload == Workload::Live { String::new() } else { grouped(row.measured.rate) };
    format!(" {rate}{took} |")
}

fn millis(micros: Option<f64>) -> String {
    micros.map_or_else(|| "–".to_owned(), |micros| format!("{:.2}", micros / 1_000.0))
}

/// `1,234,567`
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::results;
    use super::*;

    #[test]
    fn numbers_are_read_in_groups() {
        let shown = [0.4, 999.0, 1_000.0, 1_234_567.2].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_tables_name_ratios_and_everybody() {
        let text = text(&results());
        assert!(text.contains("| open | 16 | 3,000 commands/s | 0.10 | 0.20 | 1.50× | 2.00× esrs | – |"), "{text}");
        assert!(text.contains("| **annals** | 3,000 (0.10 / 0.20) | – |"), "{text}");
        assert!(text.contains("| esrs | 1,500 (0.10 / 0.20) | 9,999 (0.10 / 0.20) |"), "{text}");
        assert!(text.contains("| warm | 16 | 4,000 commands/s | 0.10 | 0.20 | – | – | – |"), "{text}");
    }
}
