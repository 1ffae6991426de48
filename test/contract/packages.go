package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// read returns one file of the npm packages that `make setup` installs beside this source file.
func read(name string) ([]byte, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(root, "test", "contract", "node_modules", "@octokit",
		filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("GitHub's descriptions are not installed, run `make setup`: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("read GitHub's description: %w", err)
	}
	return data, nil
}

// moduleRoot walks up from the working directory, which go test sets to the folder of the package under test, to the
// folder that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module root: no go.mod above the working directory")
		}
		dir = parent
	}
}
