package test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Two packages that escape text of other people in two ways have disagreed before: bare URLs stayed links in one of
// them. release/markdown is for Markdown, internal/announce for Slack and mail.
func TestOnlyOnePackageEscapesMarkdown(t *testing.T) {
	escapes := regexp.MustCompile(`NewReplacer\([^)]*"[@<&#|]"|&lt;|\\u200b|html\.EscapeString|HTMLEscapeString`)
	allowed := []string{"release/markdown/", "internal/announce/text.go", "internal/web/", "internal/sandbox/",
		"parse/section.go"} // of the sandbox's pages; a mark inside our own section
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, "../")
		if err == nil && d.IsDir() && slices.Contains([]string{"test", "bin", ".git"}, name) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") ||
			slices.ContainsFunc(allowed, func(begin string) bool { return strings.HasPrefix(name, begin) }) {
			return err
		}
		text, err := os.ReadFile(path)
		if found := escapes.FindString(string(text)); found != "" {
			t.Errorf("%s escapes text of other people (%s): release/markdown does", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
