//! The part of the crate `jiff` that k8s-openapi uses, in its place: a tenth of the whole program that a browser
//! downloads would be calendars, time zones and the texts of their errors, of which objects need none.
//!
//! Timestamps are read as RFC 3339 writes them and written as the API server writes them.

mod civil;
pub mod fmt;

use std::str::FromStr;
use std::time::Duration;

use serde_core::de::{self, Deserialize, Deserializer, Visitor};

const NANOS: i128 = 1_000_000_000;

/// A point in time: nanoseconds since 1970 in UTC, in the years 0 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    second: i64,
    nano: u32,
}

impl Timestamp {
    /// 0000-01-01T00:00:00Z.
    pub const MIN: Timestamp = Timestamp { second: -62_167_219_200, nano: 0 };
    /// 9999-12-30T22:00:00.999999999Z: in every time zone still in the year 9999.
    pub const MAX: Timestamp = Timestamp { second: 253_402_207_200, nano: 999_999_999 };
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Timestamp = Timestamp { second: 0, nano: 0 };

    /// The timestamp that many whole seconds after 1970.
    ///
    /// # Errors
    /// It is not between [`Timestamp::MIN`] and [`Timestamp::MAX`].
    pub fn from_second(second: i64) -> Result<Timestamp, Error> {
        Timestamp { second, nano: 0 }.checked()
    }

    fn checked(self) -> Result<Timestamp, Error> {
        if (Timestamp::MIN..=Timestamp::MAX).contains(&self) { Ok(self) } else { Err(Error("out of range")) }
    }

    /// Seconds since 1970, cut towards 1970.
    pub fn as_second(self) -> i64 {
        if self.second < 0 && self.nano > 0 { self.second + 1 } else { self.second }
    }

    /// Microseconds since 1970, cut towards 1970.
    pub fn as_microsecond(self) -> i64 {
        // 253402207200 seconds are 2.5e17 microseconds.
        (self.as_nanosecond() / 1_000) as i64
    }

    /// Nanoseconds since 1970.
    pub fn as_nanosecond(self) -> i128 {
        i128::from(self.second) * NANOS + i128::from(self.nano)
    }

    /// The timestamp that much later.
    ///
    /// # Errors
    /// It is later than [`Timestamp::MAX`].
    pub fn checked_add(self, span: Duration) -> Result<Timestamp, Error> {
        let nano = self.nano + span.subsec_nanos();
        let second = i64::try_from(span.as_secs()).ok().and_then(|span| self.second.checked_add(span));
        let second = second.and_then(|second| second.checked_add(i64::from(nano / 1_000_000_000)));
        let second = second.ok_or(Error("out of range"))?;
        Timestamp { second, nano: nano % 1_000_000_000 }.checked()
    }
}

/// RFC 3339 in UTC with as many digits of the second as it takes.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let civil::Civil { year, month, day, hour, minute, second } = civil::of_second(self.second);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nano > 0 {
            let digits = format!("{:09}", self.nano);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Timestamp, Error> {
        let (second, nano) = civil::parse(text.as_bytes()).ok_or(Error("not an RFC 3339 timestamp"))?;
        Timestamp { second, nano }.checked()
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a timestamp string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// What is wrong with a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(&'static str);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, nanosecond: Option<i128>) {
        assert_eq!(text.parse::<Timestamp>().ok().map(Timestamp::as_nanosecond), nanosecond, "{text}");
    }

    #[test]
    fn timestamps_are_read() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("2026-01-01T00:00:00Z", Some(1_767_225_600 * NANOS));
        check("2026-01-01t00:00:00z", Some(1_767_225_600 * NANOS));
        check("2026-01-01T02:30:00+02:30", Some(1_767_225_600 * NANOS));
        check("2025-12-31T23:00:00-01:00", Some(1_767_225_600 * NANOS));
        check("2024-02-29T12:00:00.5Z", Some(1_709_208_000 * NANOS + 500_000_000));
        check("2024-02-29T12:00:00.123456789Z", Some(1_709_208_000 * NANOS + 123_456_789));
        check("1969-12-31T23:59:59.9Z", Some(-100_000_000));
        check("0000-01-01T00:00:00Z", Some(Timestamp::MIN.as_nanosecond()));
        check("2016-12-31T23:59:60Z", Some(1_483_228_799 * NANOS));
        check("9999-12-31T00:00:00Z", None);
        for text in [
            "",
            "2026",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00Zx",
            "2026-01-01T00:00:00+26:00",
            "2026-01-01T00:00:00+01",
            "x026-01-01T00:00:00Z",
            "2026-01-01T00:00:00+01:60",
            "é026-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn timestamps_are_shown() {
        for text in ["2026-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "2024-02-29T23:59:59.000000001Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn sums_stay_in_range() {
        let later = Timestamp::UNIX_EPOCH.checked_add(Duration::new(1, 999_999_999)).unwrap();
        assert_eq!(later.checked_add(Duration::from_nanos(2)).unwrap().as_nanosecond(), 2 * NANOS + 1);
        assert!(Timestamp::MAX.checked_add(Duration::from_nanos(1)).is_err());
        assert!(later.checked_add(Duration::MAX).is_err());
        assert!(Timestamp::from_second(i64::MAX).is_err());
    }
}
