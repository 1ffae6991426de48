package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signature is who, and when, to the second.
type Signature struct {
	Name, Email string
	When        time.Time
}

// Commit is a commit. Message has no line feed at its end.
type Commit struct {
	SHA, Tree         string
	Parents           []string
	Author, Committer Signature
	Message           string
}

// Commit reads the commit of a SHA, or of anything that Resolve knows.
func (r *Repo) Commit(ctx context.Context, rev string) (Commit, error) {
	sha, err := r.Resolve(ctx, rev)
	if err != nil {
		return Commit{}, fmt.Errorf("commit %w", err)
	}
	o, err := r.object(ctx, sha)
	if err != nil {
		return Commit{}, fmt.Errorf("commit %w", err)
	}
	return parseCommit(sha, o.data), nil
}

func parseCommit(sha string, data []byte) Commit {
	m := Commit{SHA: sha}
	head, message, _ := strings.Cut(string(data), "\n\n")
	m.Message = strings.TrimRight(message, "\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		switch key {
		case "tree":
			m.Tree = value
		case "parent":
			m.Parents = append(m.Parents, value)
		case "author":
			m.Author = parseSignature(value)
		case "committer":
			m.Committer = parseSignature(value)
		}
	}
	return m
}

// WriteCommit makes a commit object. The message is written as it is.
func (r *Repo) WriteCommit(ctx context.Context, tree string, parents []string, author, committer Signature,
	message string) (string, error) {
	if err := r.needs(ctx, tree, "tree"); err != nil {
		return "", fmt.Errorf("write commit: %w", err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "tree %s\n", tree)
	for i, p := range parents {
		if err := r.needs(ctx, p, "commit"); err != nil {
			return "", fmt.Errorf("write commit: parent: %w", err)
		}
		if !slices.Contains(parents[:i], p) {
			fmt.Fprintf(&text, "parent %s\n", p)
		}
	}
	for _, who := range []struct {
		key string
		Signature
	}{{"author", author}, {"committer", committer}} {
		line, err := who.line()
		if err != nil {
			return "", fmt.Errorf("write commit: %s: %w", who.key, err)
		}
		fmt.Fprintf(&text, "%s %s\n", who.key, line)
	}
	body, err := cleanText(message)
	if err != nil {
		return "", fmt.Errorf("write commit: message: %w", err)
	}
	text.WriteString("\n" + body)
	return r.write("commit", []byte(text.String()))
}

// cleanText is a message that git takes: UTF-8 without NUL.
func cleanText(s string) (string, error) {
	if strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("a NUL byte: %w", ErrInvalid)
	}
	return strings.ToValidUTF8(s, "\uFFFD"), nil
}

// line is a signature as objects hold it, cleaned the way git's ident.c does.
func (s Signature) line() (string, error) {
	name, email := cleanIdent(s.Name), cleanIdent(s.Email)
	if name == "" {
		return "", fmt.Errorf("name %q is empty to git: %w", s.Name, ErrInvalid)
	}
	if s.When.Unix() < 0 {
		return "", fmt.Errorf("date %s is before 1970: %w", s.When.Format(time.RFC3339), ErrInvalid)
	}
	return fmt.Sprintf("%s <%s> %d +0000", name, email, s.When.Unix()), nil
}

func cleanIdent(s string) string {
	crud := func(c rune) bool { return c <= ' ' || strings.ContainsRune(`.,:;<>"\'`, c) }
	s = strings.TrimFunc(strings.ToValidUTF8(s, "\uFFFD"), crud)
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '<' || c == '>' || c == 0 {
			return -1
		}
		return c
	}, s)
}

// parseSignature reads "NAME <EMAIL> UNIX ZONE"; the moment is given in UTC.
func parseSignature(s string) Signature {
	open, end := strings.Index(s, "<"), strings.LastIndex(s, ">")
	if open < 0 || end < open {
		return Signature{Name: strings.TrimSpace(s), When: time.Unix(0, 0).UTC()}
	}
	seconds, _, _ := strings.Cut(strings.TrimSpace(s[end+1:]), " ")
	unix, _ := strconv.ParseInt(seconds, 10, 64) // git, too, shows 1970 for what it cannot read
	return Signature{Name: strings.TrimSpace(s[:open]), Email: s[open+1 : end], When: time.Unix(unix, 0).UTC()}
}
