package parse

import (
	"slices"
	"strconv"
	"strings"
)

// pulls finds the references in one line of the PRs section: #23456, org/repo#23456, and the addresses of pull
// requests on github.com or on a GitHub Enterprise server.
func (t *templateReader) pulls(number int, text string) {
	words := strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(" \t,;()[]<>*`\"'", c) })
	for word := range words {
		p, ok := pull(strings.TrimRight(word, ".:!?"))
		if !ok || len(t.PRs) >= mostNames {
			continue
		}
		if !slices.ContainsFunc(t.PRs,
			func(was PullRequest) bool { return was.Repo == p.Repo && was.Number == p.Number }) {
			p.Line = number
			t.PRs = append(t.PRs, p)
		}
	}
}

// pull reads one reference.
func pull(word string) (PullRequest, bool) {
	if len(word) > 300 {
		return PullRequest{}, false
	}
	repo, digits, found := strings.Cut(word, "#")
	for _, scheme := range []string{"https://", "http://"} {
		address, ok := strings.CutPrefix(word, scheme)
		if !ok {
			continue
		}
		parts := strings.FieldsFunc(address, func(c rune) bool { return c == '/' || c == '#' || c == '?' })
		if len(parts) < 5 || parts[3] != "pull" {
			return PullRequest{}, false
		}
		repo, digits, found = parts[1]+"/"+parts[2], parts[4], true
	}
	n, err := strconv.Atoi(digits)
	if !found || err != nil || n <= 0 || digits[0] == '+' || n > 1<<40 {
		return PullRequest{}, false
	}
	if repo != "" && !repository(repo) {
		return PullRequest{}, false
	}
	return PullRequest{Repo: repo, Number: n}, true
}

// repository says that the text is owner/name, in the letters that GitHub allows.
func repository(text string) bool {
	owner, name, found := strings.Cut(text, "/")
	allowed := func(c rune) bool {
		return c == '-' || c == '_' || c == '.' || c >= '0' && c <= '9' || c < 128 && letter(byte(c))
	}
	return found && owner != "" && name != "" &&
		strings.IndexFunc(owner, func(c rune) bool { return !allowed(c) }) < 0 &&
		strings.IndexFunc(name, func(c rune) bool { return !allowed(c) }) < 0
}
