//! Advice about a manifest and the names of its fixes, in Korean; in English they speak for themselves.

use podscope::api::yaml::Belongs;
use podscope::session::diagnose::{Advice, Label, Wanted};

use super::texts::Lang;

/// What to do, as a sentence.
pub fn advice(lang: Lang, advice: &Advice) -> String {
    match lang {
        Lang::En => advice.to_string(),
        Lang::Ko => korean(advice),
    }
}

/// What a fix does, as the name of its button.
pub fn mending(lang: Lang, label: &Label) -> String {
    match lang {
        Lang::En => capital(&label.to_string()),
        Lang::Ko => korean_label(label),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn korean(advice: &Advice) -> String {
    match advice {
        Advice::CheckLine => "이 행의 들여쓰기, 콜론, 따옴표를 확인하세요".into(),
        Advice::UseSpaces => "YAML은 탭이 아니라 공백으로 들여씁니다".into(),
        Advice::PlainBlanks => {
            "웹 페이지에서 복사된 특수 공백이 섞여 있습니다. 일반 공백으로 바꾸세요".into()
        }
        Advice::BlankAfterColon => "키의 콜론 뒤에는 공백이 필요합니다".into(),
        Advice::Close => "여기서 연 괄호나 따옴표가 닫히지 않았습니다".into(),
        Advice::QuoteValue => "YAML 문법에 쓰이는 문자입니다. 값을 따옴표로 감싸세요".into(),
        Advice::AlignLine => "이 행의 들여쓰기가 같은 수준의 행과 맞지 않습니다".into(),
        Advice::RenderTemplate => {
            "매니페스트가 아니라 템플릿입니다. `helm template`이나 `kustomize build`로 먼저 렌더링하세요"
                .into()
        }
        Advice::Reindent(lines) => reindent(lines),
        Advice::WriteObject => "매니페스트는 apiVersion, kind, metadata를 가진 맵이어야 합니다".into(),
        Advice::SetApiVersion { kind, known } => match &known[..] {
            [] => "`apiVersion: apps/v1`처럼 어떤 API의 오브젝트인지 적으세요".into(),
            known => format!("{kind}의 apiVersion은 `{}`입니다", known.join("` 또는 `")),
        },
        Advice::SetKind => "`kind: Pod`처럼 오브젝트의 종류를 적으세요".into(),
        Advice::UseApiVersion { kind, api_version } => {
            format!("{kind}은(는) 이제 `apiVersion: {api_version}`입니다")
        }
        Advice::UseKind { kind } => format!("`{kind}`을(를) 쓰려고 했나요?"),
        Advice::DefineKind { kind } => {
            format!(
                "Kubernetes에 {kind}은(는) 없습니다. 커스텀 리소스라면 CustomResourceDefinition이 먼저 필요합니다"
            )
        }
        Advice::RenameField { to } => format!("`{to}`을(를) 쓰려고 했나요?"),
        Advice::MoveField { field, under } if under.is_empty() => {
            format!("`{field}`은(는) `kind`와 같은 최상위에 있어야 합니다")
        }
        Advice::MoveField { field, under } => format!("`{field}`은(는) `{under}` 아래에 있어야 합니다"),
        Advice::RemoveField { field, holder } => format!("{holder}에는 `{field}` 필드가 없습니다"),
        Advice::Want { wanted } => format!("{}이어야 합니다", korean_type(*wanted)),
        Advice::Provide { field } => format!("`{field}`이(가) 필요합니다"),
        Advice::Complete { field } => format!("`{field}`에 빠진 값이 있습니다"),
        Advice::Choose { from, .. } if from.len() == 1 => format!("`{}`이어야 합니다", from[0]),
        Advice::Choose { nearest: Some(nearest), .. } => format!("`{nearest}`을(를) 쓰려고 했나요?"),
        Advice::Choose { from, nearest: None } => format!("가능한 값: {}", from.join(", ")),
        Advice::UseName { name } => format!("`{name}`처럼 쓸 수 있습니다"),
        Advice::MatchLabels { labels } => {
            let list: Vec<String> = labels.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("template의 Pod에 selector가 요구하는 레이블이 있어야 합니다: {}", list.join(", "))
        }
        Advice::MakeUnique => "같은 값을 두 번 쓸 수 없습니다".into(),
        Advice::Forgo { field } => format!("`{field}`을(를) 빼세요"),
        Advice::NameVolume { name, known } => match &known[..] {
            [] => format!("Pod에 `{name}` 볼륨이 없습니다. `volumes`에 추가하세요"),
            known => format!("Pod에 `{name}` 볼륨이 없습니다. 있는 볼륨: {}", known.join(", ")),
        },
        Advice::Correct { field } => format!("`{field}`을(를) 고치세요"),
        Advice::CreateNamespace { name } => {
            format!("이 문서보다 앞에 `{name}` 네임스페이스를 만드는 문서가 없습니다")
        }
        Advice::WriteOnce { key, first_line } => {
            format!("`{key}`이(가) {first_line}행에도 있습니다. 마지막 값만 쓰이고 앞의 값은 버려집니다")
        }
        Advice::Reconsider => "클러스터는 받아들이지만, 의도한 것인지 확인하세요".into(),
        Advice::NotSimulated { field } => {
            format!("실제 클러스터는 `{field}`에 따라 동작하지만, 여기서는 저장만 되고 동작하지 않습니다")
        }
        Advice::KindNotSimulated { kind } => {
            format!("실제 클러스터는 {kind} 오브젝트에 따라 동작하지만, 여기서는 동작하지 않습니다")
        }
        Advice::CorrectScenario => "매니페스트를 어떻게 실행할지 정하는 Scenario 문서를 고치세요".into(),
    }
}

fn reindent(lines: &[Belongs]) -> String {
    let one = |belongs: &Belongs| {
        let Belongs { first_line, last_line, parent } = belongs;
        let which = match first_line == last_line {
            true => format!("{first_line}행"),
            false => format!("{first_line}~{last_line}행"),
        };
        match parent.is_empty() {
            true => format!("{which}은 최상위"),
            false => format!("{which}은 `{parent}` 아래"),
        }
    };
    let list: Vec<String> = lines.iter().map(one).collect();
    format!("들여쓰기가 사라졌습니다: {}", list.join(", "))
}

fn korean_type(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Text => "문자열(따옴표로 감싼 값)",
        Wanted::Boolean => "따옴표 없는 true 또는 false",
        Wanted::Number => "따옴표 없는 숫자",
        Wanted::WholeNumber => "따옴표 없는 정수",
        Wanted::NumberOrPercent => "정수, 또는 \"25%\"나 포트 이름 같은 문자열",
        Wanted::Quantity => "500m, 2, 64Mi, 1Gi 같은 수량",
        Wanted::Time => "\"2026-01-01T00:00:00Z\" 같은 시각",
        Wanted::Base64 => "base64 문자열",
        Wanted::List => "`-`로 시작하는 항목의 목록",
        Wanted::Map => "한 단계 더 들여쓴 필드들의 맵",
    }
}

fn korean_label(label: &Label) -> String {
    match label {
        Label::Indent => "들여쓰기 복원".into(),
        Label::Spaces => "공백으로 바꾸기".into(),
        Label::Blank => "콜론 뒤에 공백 넣기".into(),
        Label::Quote => "따옴표로 감싸기".into(),
        Label::Unquote => "따옴표 없애기".into(),
        Label::Replace { with } => format!("`{with}`(으)로 바꾸기"),
        Label::MakeList => "목록으로 바꾸기".into(),
        Label::MakeMap => "맵으로 바꾸기".into(),
        Label::MakeNameValues => "name/value 목록으로 바꾸기".into(),
        Label::Insert { field } => format!("`{field}` 추가"),
        Label::Move { field, under } if under.is_empty() => format!("`{field}`을(를) 최상위로 옮기기"),
        Label::Move { field, under } => format!("`{field}`을(를) `{under}` 아래로 옮기기"),
        Label::Remove { field } => format!("`{field}` 삭제"),
        Label::CopyLabels => "레이블 복사".into(),
        Label::CreateNamespace { name } => format!("`{name}` 네임스페이스 만들기"),
    }
}
