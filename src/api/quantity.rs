//! Resource quantities. Models apimachinery/pkg/api/resource.

use super::Quantity;

/// An amount in billionths: exact for everything that Kubernetes accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

/// Which family of suffixes an amount is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// k, M, G …
    DecimalSi,
    /// Ki, Mi, Gi …
    BinarySi,
    /// e3, e6 …
    DecimalExponent,
}

const BILLION: i128 = 1_000_000_000;
/// Larger amounts are cut to this, as upstream cuts to 2^63-1.
const MAX: i128 = i64::MAX as i128 * BILLION;

impl Amount {
    pub const ZERO: Amount = Amount(0);

    /// Whole units.
    pub fn from_units(units: i64) -> Amount {
        Amount(i128::from(units) * BILLION)
    }

    /// Thousandths of a unit.
    pub fn from_milli(milli: i64) -> Amount {
        Amount(i128::from(milli) * (BILLION / 1000))
    }

    /// Whole units, rounded up.
    pub fn units(self) -> i64 {
        clamp(ceil(self.0, BILLION))
    }

    /// Thousandths, rounded up.
    pub fn milli(self) -> i64 {
        clamp(ceil(self.0, BILLION / 1000))
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is a whole number of units.
    pub fn is_whole(self) -> bool {
        self.0 % BILLION == 0
    }

    /// The amount and the way it was written; `None` if it is not a quantity.
    pub fn parse(text: &str) -> Option<(Amount, Format)> {
        let number_end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
        let (number, suffix) = text.split_at(number_end);
        let (scale, format) = scale_of(suffix)?;
        Some((Amount(scaled(number, scale)?), format))
    }

    /// Written as `kubectl` shows it. Models Quantity.CanonicalizeBytes.
    pub fn format(self, format: Format) -> String {
        if self.0 == 0 {
            return "0".into();
        }
        let mut format = format;
        // Fractions, and amounts under 1024, have no binary suffix.
        if format == Format::BinarySi && (self.0.abs() < 1024 * BILLION) {
            format = Format::DecimalSi;
        }
        match format {
            Format::BinarySi => {
                let (mut value, mut step) = (ceil(self.0, BILLION), 0);
                while value % 1024 == 0 && step < 6 {
                    value /= 1024;
                    step += 1;
                }
                format!("{value}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step])
            }
            Format::DecimalSi | Format::DecimalExponent => {
                let (mut value, mut step) = (self.0, 0);
                while value % 1000 == 0 && step < 9 {
                    value /= 1000;
                    step += 1;
                }
                let suffix = match format {
                    Format::DecimalSi => ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][step].to_string(),
                    _ if step == 3 => String::new(),
                    _ => format!("e{}", step as i32 * 3 - 9),
                };
                format!("{value}{suffix}")
            }
        }
    }
}

impl std::ops::Add for Amount {
    type Output = Amount;
    fn add(self, other: Amount) -> Amount {
        Amount(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Amount {
    type Output = Amount;
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(iter: I) -> Amount {
        iter.fold(Amount::ZERO, |a, b| a + b)
    }
}

/// The amount of a quantity of an object; zero if it is not one (validation refuses those).
pub fn amount(quantity: &Quantity) -> Amount {
    Amount::parse(&quantity.0).map_or(Amount::ZERO, |(amount, _)| amount)
}

/// The quantity rewritten in canonical form, as the API server stores it.
pub fn canonical(text: &str) -> Option<String> {
    let (amount, format) = Amount::parse(text)?;
    Some(amount.format(format))
}

fn clamp(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

fn ceil(value: i128, unit: i128) -> i128 {
    value.div_euclid(unit) + i128::from(value.rem_euclid(unit) != 0)
}

/// How many billionths one unit of the suffix is: (numerator power base, exponent).
#[derive(Clone, Copy)]
enum Scale {
    Ten(i32),
    Two(u32),
}

fn scale_of(suffix: &str) -> Option<(Scale, Format)> {
    let decimal = |power| Some((Scale::Ten(power), Format::DecimalSi));
    let binary = |power| Some((Scale::Two(power), Format::BinarySi));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let power: i32 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
            (power.abs() <= 30).then_some((Scale::Ten(power), Format::DecimalExponent))
        }
    }
}

/// The number times the scale, in billionths, rounded away from zero, capped.
fn scaled(number: &str, scale: Scale) -> Option<i128> {
    let (negative, digits) = match number.as_bytes().first()? {
        b'-' => (true, &number[1..]),
        b'+' => (false, &number[1..]),
        _ => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.len() + fraction.len() == 0
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = &fraction[..fraction.len().min(18)];
    let value = if whole.len() > 19 {
        MAX
    } else {
        let mantissa: i128 = format!("0{whole}{fraction}").parse().ok()?;
        let places = fraction.len() as i32;
        let (product, power) = match scale {
            Scale::Two(power) => (mantissa.checked_shl(power).filter(|p| p >> power == mantissa), 9 - places),
            Scale::Ten(power) => (Some(mantissa), 9 - places + power),
        };
        product.map_or(MAX, |product| shift_ten(product, power)).min(MAX)
    };
    Some(if negative { -value } else { value })
}

fn shift_ten(value: i128, power: i32) -> i128 {
    let Some(factor) = 10i128.checked_pow(power.unsigned_abs()) else {
        return if power < 0 {
            i128::from(value != 0)
        } else if value == 0 {
            0
        } else {
            MAX
        };
    };
    if power < 0 { ceil(value, factor) } else { value.checked_mul(factor).unwrap_or(MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(canonical(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn canonical_forms() {
        check("1", Some("1"));
        check("0.5", Some("500m"));
        check("100m", Some("100m"));
        check("1000m", Some("1"));
        check("1024Mi", Some("1Gi"));
        check("1.5Gi", Some("1536Mi"));
        check("64M", Some("64M"));
        check("1e3", Some("1e3"));
        check("0", Some("0"));
        check("0.1Ki", Some("102400m"));
        check("-1", Some("-1"));
        check("64MB", None);
        check("", None);
        check(".", None);
        check("1.2.3", None);
        check("99999999999999999999999999", Some("9223372036854775807"));
    }

    #[test]
    fn rounding() {
        let milli = |text| Amount::parse(text).unwrap().0.milli();
        assert_eq!(milli("1n"), 1);
        assert_eq!(milli("1.5"), 1500);
        assert_eq!(milli("2Gi"), 2 * 1024 * 1024 * 1024 * 1000);
    }
}
