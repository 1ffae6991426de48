package release_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release"
)

// Each function of texts_SUBJECT.go is rendered by samples.go, or is part of one that is.
func TestEveryTextHasASample(t *testing.T) {
	files, err := filepath.Glob("texts_*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	var declared []string
	for _, name := range append(files, "samples.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && name != "samples.go" && f.Recv == nil {
				declared = append(declared, f.Name.Name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, is := n.(*ast.CallExpr); is {
				if id, is := call.Fun.(*ast.Ident); is {
					used[id.Name] = true
				}
			}
			return true
		})
	}
	for _, name := range declared {
		if !used[name] {
			t.Errorf("%s has no sample", name)
		}
	}
}

// The words that style.md replaces, and texts that end in the middle.
var private = regexp.MustCompile(`(?i)\b(by itself|mend|burned|gave .* up|given up|does not hold|under ` +
	`way|house|room|bell|calm)\b|: \.|are \.|\.\.( |$)`)

func TestTextsAreInPlainEnglish(t *testing.T) {
	for _, s := range release.Texts() {
		if found := private.FindString(s.Text); found != "" {
			t.Errorf("%s says %q:\n%s", s.Name, found, s.Text)
		}
		if subject, occasion, named := strings.Cut(s.Name, ": "); !named || subject == "" || occasion == "" ||
			s.Text == "" {
			t.Errorf("%q is no name of a sample, or it has no text", s.Name)
		}
		if strings.Contains(regexp.MustCompile("`[^`]*`").ReplaceAllString(s.Text, ""), "@") {
			t.Errorf("%s pings somebody:\n%s", s.Name, s.Text)
		}
	}
}
