//! Checksums and encodings.

use super::{Call, Outcome};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub fn base64(call: &mut Call) -> Outcome {
    let options = call.options("w");
    let (bytes, status) = call.read_all(&options.operands)?;
    if options.has('d') || options.long("decode") {
        return match decode(&bytes) {
            Some(plain) => {
                call.out.extend(plain);
                Ok(status)
            }
            None => {
                call.complain("invalid input");
                Ok(1)
            }
        };
    }
    let width = options.number('w').unwrap_or(76).max(0) as usize;
    let text = encode(&bytes);
    if width == 0 {
        call.print(&text);
        return Ok(status);
    }
    for line in text.as_bytes().chunks(width) {
        call.out.extend(line);
        call.out.push(b'\n');
    }
    Ok(status)
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let index = (n >> (18 - 6 * i) & 63) as usize;
            out.push(if i <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    out
}

fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut n, mut bits) = (0u32, 0);
    for &byte in bytes.iter().filter(|b| !b.is_ascii_whitespace() && **b != b'=') {
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        n = n << 6 | value as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((n >> bits) as u8);
            n &= (1 << bits) - 1;
        }
    }
    Some(out)
}

fn each(call: &mut Call, sum: fn(&[u8]) -> String) -> Outcome {
    let options = call.options("");
    if options.has('c') {
        return call.unsupported("-c");
    }
    let files = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands };
    let mut status = 0;
    for file in files {
        match call.read(&file)? {
            Some(bytes) => call.line(&format!("{}  {file}", sum(&bytes))),
            None => status = 1,
        }
    }
    Ok(status)
}

pub fn md5sum(call: &mut Call) -> Outcome {
    each(call, |bytes| hex(&md5(bytes)))
}

pub fn sha256sum(call: &mut Call) -> Outcome {
    each(call, |bytes| hex(&sha256(bytes)))
}

pub fn unsupported_sum(call: &mut Call) -> Outcome {
    call.unsupported("")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn padded(bytes: &[u8], length: [u8; 8]) -> Vec<u8> {
    let mut data = bytes.to_vec();
    data.push(0x80);
    while data.len() % 64 != 56 {
        data.push(0);
    }
    data.extend(length);
    data
}

fn md5(bytes: &[u8]) -> Vec<u8> {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(bytes, (bytes.len() as u64 * 8).to_le_bytes()).chunks(64) {
        let word = |i: usize| {
            u32::from_le_bytes([block[4 * i], block[4 * i + 1], block[4 * i + 2], block[4 * i + 3]])
        };
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (f, g) = match i / 16 {
                0 => (b & c | !b & d, i),
                1 => (d & b | !d & c, (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), 7 * i % 16),
            };
            let constant = ((i as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(f).wrapping_add(constant).wrapping_add(word(g));
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4]));
        }
        for (total, part) in state.iter_mut().zip([a, b, c, d]) {
            *total = total.wrapping_add(part);
        }
    }
    state.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The first 32 bits of the fractions of the roots of the first primes.
fn roots(count: usize, root: fn(f64) -> f64) -> Vec<u32> {
    (2u32..)
        .filter(|n| (2..*n).all(|d| n % d != 0))
        .take(count)
        .map(|prime| (root(prime.into()).fract() * 4_294_967_296.0) as u32)
        .collect()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    let constants = roots(64, f64::cbrt);
    let mut state = roots(8, f64::sqrt);
    for block in padded(bytes, (bytes.len() as u64 * 8).to_be_bytes()).chunks(64) {
        let mut w: Vec<u32> = block.chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        for i in 16..64 {
            let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
            let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut h = state.clone();
        for i in 0..64 {
            let s1 = h[4].rotate_right(6) ^ h[4].rotate_right(11) ^ h[4].rotate_right(25);
            let choice = h[4] & h[5] ^ !h[4] & h[6];
            let t1 = h[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(constants[i]).wrapping_add(w[i]);
            let s0 = h[0].rotate_right(2) ^ h[0].rotate_right(13) ^ h[0].rotate_right(22);
            let majority = h[0] & h[1] ^ h[0] & h[2] ^ h[1] & h[2];
            h.rotate_right(1);
            h[4] = h[4].wrapping_add(t1);
            h[0] = t1.wrapping_add(s0).wrapping_add(majority);
        }
        for (total, part) in state.iter_mut().zip(h) {
            *total = total.wrapping_add(part);
        }
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

pub fn hexdump(call: &mut Call) -> Outcome {
    let options = call.options("nAtsj");
    let (bytes, status) = call.read_all(&options.operands)?;
    if call.name() == "od" && !options.has('t') && !options.has('c')
        || call.name() == "hexdump" && !options.has('C')
    {
        return call.unsupported("this format");
    }
    for (i, row) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
        let text: String = row
            .iter()
            .map(|b| if b.is_ascii_graphic() || *b == b' ' { char::from(*b) } else { '.' })
            .collect();
        call.line(&format!("{:08x}  {:<48} |{text}|", i * 16, digits.join(" ")));
    }
    Ok(status)
}
