//! Dates and days. The calendar's year begins in March here: a leap day is then its last day.

const DAY: i64 = 86_400;
/// Days of 400 years.
const ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A date and its time of day.
pub struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
}

/// Days from 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
}

/// The date of a second since 1970.
pub fn of_second(second: i64) -> Civil {
    let day = second.div_euclid(DAY) + EPOCH;
    let of_era = day.rem_euclid(ERA);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_day = second.rem_euclid(DAY);
    Civil {
        year: year + day.div_euclid(ERA) * 400 + i64::from(month >= 10),
        month: (month + 2) % 12 + 1,
        day: of_year - (153 * month + 2) / 5 + 1,
        hour: of_day / 3_600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
    }
}

fn last_day(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads a text from its start.
struct Reader<'t>(&'t [u8]);

impl Reader<'_> {
    /// A number of exactly `digits` digits that is at least `low` and at most `high`.
    fn number(&mut self, digits: usize, low: i64, high: i64) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(digits)?;
        let mut number = 0;
        for digit in digits {
            number = number * 10 + i64::from(digit.is_ascii_digit().then_some(digit - b'0')?);
        }
        self.0 = rest;
        (low..=high).contains(&number).then_some(number)
    }

    /// One of these bytes.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        bytes.contains(first).then_some(*first)
    }

    /// Nanoseconds: one to nine digits.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count > 9 {
            return None;
        }
        let scale = 10_u32.pow(9 - u32::try_from(count).ok()?);
        let number = self.number(count.max(1), 0, 999_999_999)?;
        Some(u32::try_from(number).ok()? * scale)
    }
}

/// The seconds since 1970 and the nanoseconds after them that an RFC 3339 text means.
pub fn parse(text: &[u8]) -> Option<(i64, u32)> {
    let mut text = Reader(text);
    let year = text.number(4, 0, 9999)?;
    text.one_of(b"-")?;
    let month = text.number(2, 1, 12)?;
    text.one_of(b"-")?;
    let day = text.number(2, 1, last_day(year, month))?;
    text.one_of(b"Tt ")?;
    let hour = text.number(2, 0, 23)?;
    text.one_of(b":")?;
    let minute = text.number(2, 0, 59)?;
    text.one_of(b":")?;
    // A leap second is the one before it.
    let second = text.number(2, 0, 60)?.min(59);
    let mut nano = 0;
    let mut zone = text.one_of(b".,Zz+-")?;
    if matches!(zone, b'.' | b',') {
        nano = text.fraction()?;
        zone = text.one_of(b"Zz+-")?;
    }
    let mut offset = 0;
    if matches!(zone, b'+' | b'-') {
        offset = text.number(2, 0, 25)? * 3_600;
        text.one_of(b":")?;
        offset += text.number(2, 0, 59)? * 60;
    }
    if zone == b'-' {
        offset = -offset;
    }
    let local = days(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    text.0.is_empty().then_some((local - offset, nano))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_its_own() {
        let (mut year, mut month, mut day) = (0, 1, 1);
        for number in days(0, 1, 1)..=days(9999, 12, 31) {
            assert_eq!(days(year, month, day), number);
            let civil = of_second(number * DAY + 3_723);
            assert_eq!((civil.year, civil.month, civil.day), (year, month, day));
            assert_eq!((civil.hour, civil.minute, civil.second), (1, 2, 3));
            day += 1;
            if day > last_day(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day), (10_000, 1, 1));
    }
}
