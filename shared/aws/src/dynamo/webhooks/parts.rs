//! What a delivery says, where it does not fit one item.

/// The most bytes of it in one item. An item holds 400 KB with its keys and names.
const MOST: usize = 300 * 1024;

/// Splits a text into pieces that fit an item each; at least one.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > MOST {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(MOST));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fit_and_make_the_whole() {
        for text in [String::new(), "x".repeat(MOST), "ção👋".repeat(200_000)] {
            let pieces = split(&text);
            assert!(pieces.iter().all(|piece| piece.len() <= MOST));
            assert_eq!(pieces.concat(), text);
            assert!((1..=text.len() / (MOST - 4) + 1).contains(&pieces.len()));
        }
    }
}
