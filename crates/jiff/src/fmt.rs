//! Timestamps as text.

/// Timestamps by a format as C's strftime has it.
pub mod strtime {
    use crate::{Error, Timestamp, civil};
    use std::fmt::Write;

    /// The timestamp in UTC. Of the specifiers there are `%Y %m %d %H %M %S` and `%.6f`.
    ///
    /// # Errors
    /// The format has another specifier.
    pub fn format(format: &str, time: Timestamp) -> Result<String, Error> {
        let civil = civil::of_second(time.second);
        let mut text = String::with_capacity(format.len() + 10);
        let mut rest = format;
        while let Some((plain, after)) = rest.split_once('%') {
            text.push_str(plain);
            let (specifier, after) = after.split_at_checked(1).ok_or(Error("no specifier after %"))?;
            rest = after;
            let number = match specifier {
                "Y" => {
                    _ = write!(text, "{:04}", civil.year);
                    continue;
                }
                "m" => civil.month,
                "d" => civil.day,
                "H" => civil.hour,
                "M" => civil.minute,
                "S" => civil.second,
                "." => {
                    rest = rest.strip_prefix("6f").ok_or(Error("no such specifier"))?;
                    _ = write!(text, ".{:06}", time.nano / 1_000);
                    continue;
                }
                _ => return Err(Error("no such specifier")),
            };
            _ = write!(text, "{number:02}");
        }
        text.push_str(rest);
        Ok(text)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn timestamps_are_written_as_they_were_read() {
            for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "0000-01-01T00:00:00Z"] {
                assert_eq!(format("%Y-%m-%dT%H:%M:%SZ", text.parse().unwrap()).as_deref(), Ok(text));
            }
            let micro = "1969-12-31T23:59:59.000012Z";
            assert_eq!(format("%Y-%m-%dT%H:%M:%S%.6fZ", micro.parse().unwrap()).as_deref(), Ok(micro));
            assert!(format("%", Timestamp::MAX).is_err());
            assert!(format("%q", Timestamp::MAX).is_err());
        }
    }
}
