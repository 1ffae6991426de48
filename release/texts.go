package release

import (
	"fmt"
	"regexp"
	"strings"
)

// What people read is written in the files texts_SUBJECT.go, each text once: a function that takes what the text speaks
// of. docs/replies.md shows all of them with sample values.

// plainWord is a first word that may be capitalized: not a version, a file, a branch or inline code.
var plainWord = regexp.MustCompile(`^([a-z]+(['’][a-z]+)?|cherry-picks?|re-run)$`)

// Sentence writes a clause as a sentence: with a capital letter, unless it begins with a name, and a full stop.
func Sentence(clause string) string {
	clause = strings.TrimSpace(clause)
	if clause == "" {
		return ""
	}
	clause = capitalized(clause)
	if strings.HasSuffix(clause, ".") || strings.HasSuffix(clause, "?") || strings.HasSuffix(clause, ":") ||
		strings.HasSuffix(clause, "```") {
		return clause
	}
	return clause + "."
}

// Count writes a number with its noun: one gate, 2 gates.
func Count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// either joins alternatives: a, b, or c.
func either(items []string) string { return joined(items, "or") }

// both joins a list: a, b, and c.
func both(items []string) string { return joined(items, "and") }

func joined(items []string, word string) string {
	switch n := len(items); n {
	case 0:
		return "none"
	case 1:
		return items[0]
	case 2:
		return items[0] + " " + word + " " + items[1]
	default:
		return strings.Join(items[:n-1], ", ") + ", " + word + " " + items[n-1]
	}
}

// capitalized writes a clause with a capital letter, unless it begins with a name.
func capitalized(clause string) string {
	if first, _, _ := strings.Cut(clause, " "); plainWord.MatchString(strings.TrimRight(first, ",:;.")) {
		return strings.ToUpper(clause[:1]) + clause[1:]
	}
	return clause
}

// lower writes a title inside a sentence.
func lower(title string) string {
	return strings.ToLower(title[:min(1, len(title))]) + title[min(1, len(title)):]
}

// RoleNoun writes the name of a role as a noun with its article: a release manager.
func RoleNoun(name string) string {
	noun := strings.ReplaceAll(name, "-", " ")
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// rolesText joins roles as alternatives: a release manager or a maintainer.
func rolesText(names []string) string {
	nouns := make([]string, len(names))
	for i, name := range names {
		if nouns[i] = RoleNoun(name); name == "anyone" {
			return "anyone"
		}
	}
	return either(nouns)
}

// People writes a number of people of a role: a maintainer, two maintainers.
func People(n int, role string) string {
	words := []string{"no", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	noun := strings.ReplaceAll(role, "-", " ")
	switch {
	case n == 1:
		return RoleNoun(role)
	case n >= 0 && n < len(words):
		return words[n] + " " + noun + "s"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
