//! QR codes for terminals.

use anyhow::{Context, Result};
use qrcode::{Color, EcLevel, QrCode};
use zeroize::Zeroizing;

/// The light margin that readers need, in modules.
const MARGIN: usize = 4;
/// Black on white, whatever the colours of the terminal: the fixed part of its palette.
const COLOURS: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

/// Returns the QR code of a text, with two rows of it in each line.
pub(super) fn drawing(text: &str) -> Result<Zeroizing<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).context("the link is too long for a QR code")?;
    let (width, modules) = (code.width(), Zeroizing::new(dark_modules(&code)));
    let is_dark = |row: usize, column: usize| {
        let place = row.checked_sub(MARGIN).zip(column.checked_sub(MARGIN));
        let place = place.filter(|(row, column)| *row < width && *column < width);
        place.and_then(|(row, column)| modules.get(row * width + column)).is_some_and(|dark| *dark)
    };
    let side = width + 2 * MARGIN;
    let mut drawing = Zeroizing::new(String::with_capacity(side * (side + COLOURS.len())));
    for row in (0..side).step_by(2) {
        drawing.push_str(COLOURS);
        drawing.extend((0..side).map(|column| match (is_dark(row, column), is_dark(row + 1, column)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        drawing.push_str(RESET);
        drawing.push('\n');
    }
    Ok(drawing)
}

fn dark_modules(code: &QrCode) -> Vec<bool> {
    code.to_colors().into_iter().map(|color| color == Color::Dark).collect()
}
