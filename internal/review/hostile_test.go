package review

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/patches"
	"github.com/slipway-dev/slipway/test/hostile"
)

// hostileFiles are files with a text at places that a stranger fills. TEXT is the text as a string of YAML.
var hostileFiles = map[string]string{
	main: `name: widgets
title: TEXT
versions: {kinds: [minor]}
roles: {maintainer: {about: TEXT, permission: maintain}}
may: {default: [maintainer]}
tracks: [{name: all, about: TEXT, for: [minor], phases: [cut]}]
phases:
- name: cut
  about: TEXT
  require: [{id: ask, issues: {milestone: m, label: TEXT}}]
  do: [{title: TEXT, manual: {text: TEXT}}]
lets: [{repo: acme/site, process: TEXT, read: [VERSION]}]
`,
	".github/release/kata.yaml": "process: falco-libs\nphases:\n- name: cut\n" +
		"  require: [{id: approvals, remove: true, reason: TEXT}]\n",
	".github/release/aether.yaml": "TEXT: TEXT\nprocess: aether\nroles: {TEXT: {permission: TEXT, users: [TEXT]}}\n" +
		"may: {TEXT: [TEXT]}\nphases: [{name: TEXT, do: [{TEXT: TEXT}]}]\n",
	patches.File: "preset: TEXT\nTEXT: TEXT\nreports: {weekly: TEXT}\n",
}

func TestAHostileFileIsShownHarmlessly(t *testing.T) {
	good := judged(main, []byte(strings.ReplaceAll(hostileFiles[main], "TEXT", "x")))
	if !good.good() {
		t.Fatal(good.mistakes)
	}
	for _, text := range append(hostile.Lines(), hostile.Blocks()...) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range hostileFiles {
			is := judged(path, []byte(strings.ReplaceAll(content, "TEXT", string(quoted))))
			var b strings.Builder
			c := change{path: path, is: is}
			if path == main {
				c.was = good
			}
			c.text(&b)
			b.WriteString(unreadText([]string{named + text + ".yaml"}))
			b.WriteString(underWayText([]started{{issue: 1, name: text, version: text}}))
			for _, problem := range hostile.Markdown(strings.ReplaceAll(b.String(), "- #1: ", "- the first: ")) {
				t.Errorf("%.60q in %s: %s", text, path, problem)
			}
			for _, note := range annotations([]change{c}) {
				for _, problem := range append(hostile.Title(note.Title), hostile.Title(note.Text)...) {
					t.Errorf("%.60q in %s, in an annotation: %s", text, path, problem)
				}
			}
			if markdown.Hides(strings.ReplaceAll(title([]change{c}, 1), "\u200b", "")) {
				t.Errorf("%.60q is in the title", text)
			}
		}
	}
}
