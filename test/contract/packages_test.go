package contract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutTheDescriptionsTheErrorSaysWhatToRun(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte("module example.com/m\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	_, err := read("openapi/generated/api.github.com.json")
	if err == nil || !strings.Contains(err.Error(), "run `make setup`") {
		t.Errorf("got %v, want an error that says to run `make setup`", err)
	}
}
