package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/slipway-dev/slipway/docs"
	"github.com/slipway-dev/slipway/parse"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/release/process"
)

type initCommand struct {
	Dir     string `arg:"" optional:"" default:"." help:"The root of a clone of the repository."`
	Process string `help:"Also write .github/release.yaml, with this process."`
	Force   bool   `help:"Write over files that are there and differ."`
}

// policyFile is what a repository begins with; all else comes of the preset.
const policyFile = `# How Slipway keeps the patch-release issues of this repository. A line here replaces the preset's.
preset: kubernetes
`

func (c initCommand) Run(s *streams) error {
	if at, err := os.Stat(c.Dir); err != nil || !at.IsDir() {
		return fault{fmt.Sprintf("%s is no directory; name the root of a clone of the repository, for example: bot "+
			"init ~/src/kubernetes", c.Dir)}
	}
	files := []struct{ name, text string }{{patches.File, policyFile}}
	for _, name := range []string{"patch-release.md", "patch-release.yml"} {
		text, err := fs.ReadFile(docs.Templates, "templates/"+name)
		if err != nil {
			return err
		}
		files = append(files, struct{ name, text string }{".github/ISSUE_TEMPLATE/" + name, string(text)})
	}
	if c.Process != "" {
		if _, err := process.Builtin(c.Process); err != nil {
			text := fmt.Sprintf("there is no process %q; known are %s", c.Process, strings.Join(process.Names(), ", "))
			if near, ok := parse.Nearest(c.Process, process.Names()); ok {
				text += "; did you mean " + near + "?"
			}
			return fault{text}
		}
		files = append(files, struct{ name, text string }{".github/release.yaml", "process: " + c.Process + "\n"})
	}
	kept := []string{}
	for _, f := range files {
		done, err := c.write(filepath.Join(c.Dir, filepath.FromSlash(f.name)), []byte(f.text))
		if err != nil {
			return fault{fmt.Sprintf("%s cannot be written: %v", f.name, err)}
		}
		fmt.Fprintf(s.out, "%-8s %s\n", done, f.name)
		if done == differs {
			kept = append(kept, f.name)
		}
	}
	if len(kept) > 0 {
		return fault{fmt.Sprintf("%s: there already and not as Slipway would write it, so it was left alone; --force "+
			"writes over it", strings.Join(kept, ", "))}
	}
	fmt.Fprintf(s.out, "\nCommit these files to the default branch: only there are they read. `bot lint %s` checks "+
		"the policy after a change.\n", patches.File)
	return nil
}

// What became of a file.
const (
	written = "written"
	same    = "same"
	differs = "differs"
)

func (c initCommand) write(path string, text []byte) (string, error) {
	there, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(there, text):
		return same, nil
	case err == nil && !c.Force:
		return differs, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	//nolint:gosec // files of a repository are for everybody
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return written, os.WriteFile(path, text, 0o644) //nolint:gosec // as above
}
