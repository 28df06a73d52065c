//! A picture's panels as lines of text, with bars of blocks where a terminal shows them.

use super::picture::{Bar, Panel, Row, Scale};

/// Whether bars are drawn. A file or another program gets labels and figures alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bars {
    Drawn,
    LeftOut,
}

/// Cells that the longest bar takes.
const CELLS: u32 = 30;
/// What fills one to seven eighths of a cell from the left.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The heading and a line for each row.
#[must_use]
pub fn lines(panel: &Panel, bars: Bars) -> Vec<String> {
    let widest = |text: fn(&Row) -> &String| {
        let widths = panel.rows.iter().map(|row| text(row).chars().count());
        widths.max().unwrap_or(0)
    };
    let (label, figure) = (widest(|row| &row.label), widest(|row| &row.figure));
    let mut lines = vec![panel.heading.clone()];
    lines.extend(panel.rows.iter().map(|row| {
        let told = format!("  {:<label$}  {:>figure$}", row.label, row.figure);
        match bars {
            Bars::LeftOut => told,
            Bars::Drawn => format!("{told}  {}", drawn(row, panel.scale))
                .trim_end()
                .to_owned(),
        }
    }));
    lines
}

fn drawn(row: &Row, scale: Scale) -> String {
    let mut line = String::new();
    let mut reached = 0u32;
    for bar in row.bars.iter().filter(|bar| bar.from != bar.to) {
        let begin = scale.place(bar.from, CELLS).max(reached).min(CELLS - 1);
        line.extend(std::iter::repeat_n(' ', length(begin - reached)));
        let drawn = blocks(*bar, scale, begin);
        reached = begin + u32::try_from(drawn.chars().count()).unwrap_or(CELLS);
        line.push_str(&drawn);
    }
    line
}

/// A bar from the cell that it begins in; at least a sliver.
fn blocks(bar: Bar, scale: Scale, begin: u32) -> String {
    let end = scale.place(bar.to, CELLS * 8);
    let eighths = end.saturating_sub(begin * 8).max(1);
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut drawn: String = std::iter::repeat_n('█', length(full)).collect();
    let sliver = rest.checked_sub(1).map(length);
    drawn.extend(sliver.and_then(|index| EIGHTHS.get(index)));
    drawn
}

fn length(cells: u32) -> usize {
    usize::try_from(cells).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::picture::Tone;
    use super::*;

    fn row(label: &str, value: i64) -> Row {
        Row::from_zero(label.to_owned(), value, Tone::Whole, value.to_string())
    }

    #[test]
    fn bars_are_as_long_as_their_values_and_never_vanish() {
        let rows = vec![
            row("all", 3_000),
            row("half", 1_500),
            row("tiny", 1),
            row("none", 0),
        ];
        let panel = Panel::fitted("SEK".to_owned(), None, rows);
        assert_eq!(
            lines(&panel, Bars::Drawn),
            [
                "SEK".to_owned(),
                format!("  all   3000  {}", "█".repeat(30)),
                format!("  half  1500  {}", "█".repeat(15)),
                "  tiny     1  ▏".to_owned(),
                "  none     0".to_owned(),
            ]
        );
        assert_eq!(lines(&panel, Bars::LeftOut)[2], "  half  1500");
    }

    #[test]
    fn below_zero_goes_left_of_it() {
        let rows = vec![row("up", 200), row("down", -100)];
        let panel = Panel::fitted("SEK".to_owned(), None, rows);
        let drawn = lines(&panel, Bars::Drawn);
        assert_eq!(
            drawn[1],
            format!("  up     200  {}{}", " ".repeat(10), "█".repeat(20))
        );
        assert_eq!(drawn[2], format!("  down  -100  {}", "█".repeat(10)));
    }
}
