//! The results as a picture: bars for everybody, a panel for each of a few workloads.

use std::fmt::Write as _;

use super::results::{Results, Row};
use super::subject::Role;
use super::table::grouped;
use super::workload::Workload;

/// What is drawn, with the number of clients.
const PANELS: [(Workload, usize, &str); 6] = [
    (Workload::Open, 64, "open: commands/s, 64 clients"),
    (Workload::Append, 64, "append, loading each time: commands/s, 64 clients"),
    (Workload::Warm, 64, "append, states in memory: commands/s, 64 clients"),
    (Workload::Hot, 64, "one hot stream: commands/s, 64 clients"),
    (Workload::Long, 1, "rehydrate 10,000 events: events/s"),
    (Workload::Project, 1, "project 100,000 events: events/s"),
];

const COLUMNS: usize = 2;
const PANEL_WIDTH: usize = 470;
/// Where the bars begin, right of the names.
const BARS_AT: usize = 110;
const LONGEST_BAR: f64 = 270.0;
const LINE: usize = 18;
/// The title of a panel and the space below it.
const HEAD: usize = 30;

/// The chart as SVG; `subtitle` says where it was measured.
pub(crate) fn svg(results: &Results, subtitle: &str) -> String {
    let panels: Vec<_> =
        PANELS.iter().map(|(workload, clients, title)| (*title, ordered(results, *workload, *clients))).collect();
    let panels: Vec<_> = panels.into_iter().filter(|(_, rows)| !rows.is_empty()).collect();
    let (mut body, mut top) = (String::new(), 60);
    for line in panels.chunks(COLUMNS) {
        for (column, (title, rows)) in line.iter().enumerate() {
            body.push_str(&panel(title, rows, 20 + column * PANEL_WIDTH, top));
        }
        top += HEAD + LINE * line.iter().map(|(_, rows)| rows.len()).max().unwrap_or_default() + 20;
    }
    let width = 20 + COLUMNS * PANEL_WIDTH;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {top}\" width=\"{width}\" height=\"{top}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#1f2933\">\n\
         <title>Annals beside other event stores for Rust</title>\n\
         <rect width=\"{width}\" height=\"{top}\" fill=\"#ffffff\"/>\n\
         <text x=\"20\" y=\"26\" font-size=\"16\" font-weight=\"bold\">Annals on PostgreSQL beside by hand and other frameworks</text>\n\
         <text x=\"20\" y=\"44\" fill=\"#616e7c\">{}</text>\n{body}</svg>\n",
        escaped(subtitle)
    )
}

/// The fastest first.
fn ordered(results: &Results, workload: Workload, clients: usize) -> Vec<&Row> {
    let mut rows: Vec<_> = results.of(workload, clients).collect();
    rows.sort_by(|one, other| other.measured.rate.total_cmp(&one.measured.rate));
    rows
}

fn panel(title: &str, rows: &[&Row], left: usize, top: usize) -> String {
    let longest = rows.first().map_or(1.0, |row| row.measured.rate).max(f64::MIN_POSITIVE);
    let mut text = format!("<text x=\"{left}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", top + 12, escaped(title));
    for (at, row) in rows.iter().enumerate() {
        let (y, length) = (top + HEAD + at * LINE, (row.measured.rate / longest * LONGEST_BAR).max(1.0));
        let (x, end) = ((left + BARS_AT) as f64, (left + BARS_AT) as f64 + length + 6.0);
        let colour = match row.subject.role {
            Role::Own => "#c2410c",
            Role::Yardstick => "#9aa5b1",
            Role::Peer => "#3e6b99",
        };
        let weight = if row.subject.role == Role::Own { " font-weight=\"bold\"" } else { "" };
        let base = y + 9;
        // A `String` takes everything.
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\"{weight}>{}</text>\
             <rect x=\"{x}\" y=\"{}\" width=\"{length:.1}\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{end:.1}\" y=\"{base}\"{weight}>{}</text>",
            left + BARS_AT - 8,
            shown(row),
            y - 1,
            grouped(row.measured.rate),
        );
    }
    text
}

/// As people say it.
fn shown(row: &Row) -> String {
    match row.subject.role {
        Role::Own => "Annals".to_owned(),
        Role::Yardstick => row.subject.name.replace('_', " "),
        Role::Peer => row.subject.name.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::row;
    use super::*;

    #[test]
    fn bars_are_as_long_as_the_rates_and_the_fastest_comes_first() {
        let rows = [("by_hand", 1_000.0), ("annals", 2_000.0), ("esrs", 500.0)];
        let results = Results(rows.map(|(subject, rate)| row(Workload::Open, 64, subject, rate)).into());
        let svg = svg(&results, "2 cores & 1 disk");
        let at = |text: &str| svg.find(text).unwrap_or_else(|| panic!("{text} is missing in {svg}"));
        assert!(at(">Annals<") < at(">by hand<") && at(">by hand<") < at(">esrs<"));
        assert!(at("width=\"270.0\" height=\"12\" fill=\"#c2410c\"") < at("width=\"135.0\" height=\"12\" fill=\"#9aa5b1\""));
        assert!(svg.contains("width=\"67.5\" height=\"12\" fill=\"#3e6b99\"") && svg.contains(">2,000<"));
        assert!(svg.contains("2 cores &amp; 1 disk") && !svg.contains("one hot stream"), "panels without rows are left out");
    }
}
