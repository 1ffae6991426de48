package parse

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/semver"
)

// Version is one version of a release block.
type Version struct {
	Line  int
	Typed string // as it was typed
	Text  string // with its v: v1.9.0
}

// Minor is the branch that the version belongs to: v1.9.
func (v Version) Minor() string { return semver.MajorMinor(v.Text) }

// version reads a version of the block's grammar: three numbers, with or without v, and at most -alpha.N, -beta.N or
// -rc.N behind them. Build metadata is none of it: Kubernetes tags have none.
func version(typed string) (text string, ok bool) {
	text = "v" + strings.TrimLeft(typed[:min(1, len(typed))], "vV") + typed[min(1, len(typed)):]
	if !semver.IsValid(text) || semver.Canonical(text) != text {
		return "", false
	}
	pre := semver.Prerelease(text)
	if pre == "" {
		return text, true
	}
	stage, number, found := strings.Cut(pre[1:], ".")
	if !found || !digits(number) || (stage != "alpha" && stage != "beta" && stage != "rc") {
		return "", false
	}
	return text, true
}

// intended is the version that a near miss means: build metadata, leading zeros, a capital, a comma, quotes or
// characters that cannot be seen too much, a point missing before the number of a pre-release. A number that
// is missing is not guessed.
func intended(typed string) (text string, ok bool) {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, typed)
	text = strings.ToLower(strings.Trim(text, "`\"'“”*_()[]{}<>,.;:="))
	text, _, _ = strings.Cut(text, "+")
	text = strings.TrimLeft(strings.TrimPrefix(text, "kubernetes-"), "v")
	numbers, pre, found := strings.Cut(text, "-")
	parts := strings.Split(numbers, ".")
	if len(parts) != 3 {
		return "", false
	}
	for i, part := range parts {
		if parts[i] = strings.TrimLeft(part, "0"); parts[i] == "" && part != "" {
			parts[i] = "0"
		}
	}
	text = "v" + strings.Join(parts, ".")
	if found {
		stage := strings.TrimRight(pre, "0123456789")
		number := strings.TrimLeft(pre[len(stage):], "0")
		if number == "" {
			number = "0"
		}
		text += "-" + strings.TrimRight(stage, ".-") + "." + number
	}
	return version(text)
}

// invisible names the first character of a word that cannot be seen, as U+200B; empty when there is none.
func invisible(word string) string {
	if i := strings.IndexFunc(word, func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 {
		c, _ := utf8.DecodeRuneInString(word[i:])
		return fmt.Sprintf("%U", c)
	}
	return ""
}

// placeholder says that the value is one of the document's own placeholders, such as vX.Y.Z or vX.Y+1.Z.
func placeholder(value string) bool {
	parts := strings.Split(strings.TrimPrefix(strings.ToLower(value), "v"), ".")
	if len(parts) != 3 {
		return false
	}
	for _, part := range parts {
		name, plus, found := strings.Cut(part, "+")
		if len(name) != 1 || name[0] < 'x' || name[0] > 'z' || (found && !digits(plus)) {
			return false
		}
	}
	return true
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
