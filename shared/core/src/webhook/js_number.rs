//! Numbers, written as JavaScript writes them (ECMA-262, `Number::toString`).

use serde_json::Number;

/// The largest whole number that JavaScript has exactly.
const LARGEST_EXACT: u64 = 1 << 53;

/// A number of a JSON as JavaScript's `String(JSON.parse(number))`: what is beyond 53 bits is rounded, as it is there.
pub(super) fn text(number: &Number) -> String {
    if let Some(whole) = number.as_i64().filter(|whole| whole.unsigned_abs() <= LARGEST_EXACT) {
        return whole.to_string();
    }
    match number.as_f64() {
        Some(number) => of_float(number),
        None => number.to_string(),
    }
}

fn of_float(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    // Rust and JavaScript both take the fewest digits that read back as the same number.
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (count, point) = (i32::try_from(digits.len()).unwrap_or(i32::MAX), exponent + 1);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let at = usize::try_from(point).unwrap_or_default();
    match point {
        1..=21 if count <= point => format!("{sign}{digits}{}", zeros(point - count)),
        1..=21 => format!("{sign}{}.{}", &digits[..at], &digits[at..]),
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let mantissa = match digits.split_at(1) {
                (first, "") => first.to_owned(),
                (first, rest) => format!("{first}.{rest}"),
            };
            let way = if exponent < 0 { '-' } else { '+' };
            format!("{sign}{mantissa}e{way}{}", exponent.abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (json, written) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("1.0", "1"),
            ("-1.5", "-1.5"),
            ("0.1", "0.1"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("123456789012345680000000", "1.2345678901234569e+23"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("-1.25e-9", "-1.25e-9"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740992"),
            ("18446744073709551615", "18446744073709552000"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ] {
            assert_eq!(text(&serde_json::from_str(json).unwrap()), written, "{json}");
        }
    }
}
