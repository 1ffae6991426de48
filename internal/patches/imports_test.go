package patches_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Releases and patch-release issues meet in the table of commands, and nowhere else.
func TestReleasesAndPatchesDoNotKnowEachOther(t *testing.T) {
	const module = "github.com/slipway-dev/slipway/internal/"
	for dir, other := range map[string]string{".": module + "engine", "../engine": module + "patches"} {
		for path, imports := range importsOf(t, dir) {
			if slices.Contains(imports, other) {
				t.Errorf("%s imports %s", path, other)
			}
		}
	}
}

// importsOf are the imports of the files of a package, without its tests.
func importsOf(t *testing.T, dir string) map[string][]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		path := filepath.Join(dir, f.Name())
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range parsed.Imports {
			out[path] = append(out[path], strings.Trim(one.Path.Value, `"`))
		}
	}
	return out
}
