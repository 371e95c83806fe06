//! Keys as the DevTools protocol describes them.

use crate::Result;
use serde_json::{Value, json};

const ALT: u8 = 1;
const CONTROL: u8 = 2;
const META: u8 = 4;
const SHIFT: u8 = 8;

/// Keys with a name: name, `code`, Windows key code, the text they type.
const NAMED: [(&str, &str, u32, &str); 16] = [
    ("Enter", "Enter", 13, "\r"),
    ("Tab", "Tab", 9, ""),
    ("Escape", "Escape", 27, ""),
    ("Backspace", "Backspace", 8, ""),
    ("Delete", "Delete", 46, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Home", "Home", 36, ""),
    ("End", "End", 35, ""),
    ("PageUp", "PageUp", 33, ""),
    ("PageDown", "PageDown", 34, ""),
    ("Space", "Space", 32, " "),
    ("F1", "F1", 112, ""),
    ("F6", "F6", 117, ""),
];

/// The parameters of `Input.dispatchKeyEvent` that press and release a chord such as `Control+Shift+z`,
/// `Enter` or `?`.
pub fn events(chord: &str) -> Result<[Value; 2]> {
    let (modifiers, key) = split(chord)?;
    let (key, code, key_code, text) = describe(key)?;
    // With these held a key is a command and types nothing.
    let text = if modifiers & (ALT | CONTROL | META) == 0 { text } else { String::new() };
    let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
    let event = |kind: &str, text: &str| {
        json!({
            "type": kind, "modifiers": modifiers, "key": key, "code": code,
            "windowsVirtualKeyCode": key_code, "text": text,
        })
    };
    Ok([event(kind, &text), event("keyUp", "")])
}

fn split(chord: &str) -> Result<(u8, &str)> {
    let mut modifiers = 0;
    let mut rest = chord;
    while let Some((name, key)) =
        rest.split_once('+').filter(|(name, key)| !name.is_empty() && !key.is_empty())
    {
        modifiers |= match name {
            "Alt" => ALT,
            "Control" => CONTROL,
            "Meta" => META,
            "Shift" => SHIFT,
            _ => return Err(format!("{chord}: unknown modifier {name}").into()),
        };
        rest = key;
    }
    Ok((modifiers, rest))
}

/// `key`, `code`, Windows key code and text of a key.
fn describe(key: &str) -> Result<(String, String, u32, String)> {
    if let Some((name, code, key_code, text)) = NAMED.iter().find(|named| named.0 == key) {
        let name = if *name == "Space" { " " } else { name };
        return Ok((name.into(), (*code).into(), *key_code, (*text).into()));
    }
    let mut characters = key.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else {
        return Err(format!("unknown key {key}").into());
    };
    let upper = character.to_ascii_uppercase();
    let (code, key_code) = match upper {
        'A'..='Z' => (format!("Key{upper}"), upper as u32),
        '0'..='9' => (format!("Digit{upper}"), upper as u32),
        // Punctuation: pages read `key`; its place on the keyboard depends on the layout anyway.
        _ => (String::new(), 0),
    };
    Ok((key.into(), code, key_code, key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords() {
        let check = |chord, modifiers: u8, key: &str, code: &str, text: &str| {
            let [down, up] = events(chord).unwrap();
            assert_eq!(down["modifiers"], modifiers, "{chord}");
            assert_eq!(down["key"], key, "{chord}");
            assert_eq!(down["code"], code, "{chord}");
            assert_eq!(down["text"], text, "{chord}");
            assert_eq!(up["type"], "keyUp", "{chord}");
        };
        check("a", 0, "a", "KeyA", "a");
        check("Control+Shift+z", CONTROL | SHIFT, "z", "KeyZ", "");
        check("Enter", 0, "Enter", "Enter", "\r");
        check("Space", 0, " ", "Space", " ");
        check("+", 0, "+", "", "+");
        check("Shift++", SHIFT, "+", "", "+");
        assert!(events("Hyper+a").is_err());
        assert!(events("Entr").is_err());
    }
}
