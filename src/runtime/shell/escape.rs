//! Backslash escapes of `echo -e`, `printf` and `$'…'`.

/// Which escapes count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `echo -e` and `%b`: `\0nnn`.
    Echo,
    /// A format of `printf`: `\nnn`.
    Format,
    /// `$'…'`: `\nnn`, `\'`, `\"`.
    Quote,
}

/// Bytes, and whether `\c` ended the output.
pub struct Unescaped {
    pub bytes: Vec<u8>,
    pub stop: bool,
}

impl Unescaped {
    pub fn text(self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Replaces the escapes.
pub fn unescape(text: &str, style: Style) -> Unescaped {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if b != b'\\' {
            bytes.push(b);
            continue;
        }
        let Some((&e, tail)) = rest.split_first() else {
            bytes.push(b'\\');
            break;
        };
        let mut taken = 1;
        match e {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'v' => bytes.push(11),
            b'e' => bytes.push(27),
            b'\\' => bytes.push(b'\\'),
            b'\'' | b'"' if style != Style::Echo => bytes.push(e),
            b'c' if style != Style::Quote => return Unescaped { bytes, stop: true },
            b'x' => {
                let digits = tail.iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                if digits == 0 {
                    bytes.extend(b"\\x");
                } else {
                    bytes.push(number(&tail[..digits], 16));
                    taken += digits;
                }
            }
            b'0'..=b'7' => {
                let from = usize::from(e == b'0' && style == Style::Echo);
                let octal = &rest[from..];
                let digits = octal.iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                bytes.push(number(&octal[..digits], 8));
                taken = from + digits;
            }
            _ => bytes.extend([b'\\', e]),
        }
        rest = &rest[taken..];
    }
    Unescaped { bytes, stop: false }
}

fn number(digits: &[u8], radix: u32) -> u8 {
    digits.iter().fold(0u32, |n, &d| n * radix + char::from(d).to_digit(radix).unwrap_or(0)) as u8
}
