// Package parse turns the Markdown of issues and comments into typed values: slash commands, ```release blocks, the
// sections of the patch-release template, the boxes and marks of Slipway's own texts.
//
// It is pure: no I/O, no clock, no GitHub types. It is linear in the input: one scanner (lines.go) goes over the
// text once and says of each line whether it is prose, code, quote or comment; everything else reads its lines.
package parse
