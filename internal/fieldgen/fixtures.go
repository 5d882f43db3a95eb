package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// fixtures adds missing required fields to the whole contacts in testdata. It inserts each field, with
// its example, after the required field that precedes it in the schema. In the vectors it also updates
// the texts and the lists of missing fields.
func fixtures(s *contract) error {
	for pattern, insert := range map[string]func(text, before string, f field) (string, error){
		"testdata/vectors/*.json":       insertInVectors,
		"testdata/*.json":               insertIfWhole,
		"cmd/contact/testdata/*.json":   insertIfWhole,
		"cmd/contact/testdata/*.ndjson": insertInLines,
	} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return err // cannot happen: the patterns are constants
		}
		for _, name := range names {
			old, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text, before := string(old), ""
			for _, f := range s.fields {
				if !f.required {
					continue
				}
				if text, err = insert(text, before, f); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				before = f.name
			}
			if text == string(old) {
				continue
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertIfWhole is insert for an object that is a contact and not a patch.
func insertIfWhole(object, before string, f field) (string, error) {
	if !strings.Contains(object, `"id"`) || !strings.Contains(object, `"type"`) {
		return object, nil
	}
	return insert(object, before, f)
}

// insertInLines is insertIfWhole for each line.
func insertInLines(text, before string, f field) (string, error) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if json.Valid([]byte(line)) {
			var err error
			if line, err = insertIfWhole(line, before, f); err != nil {
				return "", err
			}
		}
		b.WriteString(line)
	}
	return b.String(), nil
}

// textLine is one of the texts of a file of vectors.
var textLine = regexp.MustCompile(`(?m)^    "\w+": ("(?:[^"\\]|\\.)*"),?$`)

// insertInVectors is insert for a file of vectors that lacks the field. Its texts are parts of a
// contact, so each of them lacks most fields.
func insertInVectors(file, before string, f field) (string, error) {
	if strings.Contains(file, f.name) {
		return file, nil
	}
	texts, cases, ok := strings.Cut(file, `"cases": [`)
	if !ok {
		return "", fmt.Errorf(`no "cases"`)
	}
	var failed error
	texts = textLine.ReplaceAllStringFunc(texts, func(line string) string {
		old := textLine.FindStringSubmatch(line)[1]
		var text string
		if err := json.Unmarshal([]byte(old), &text); err != nil {
			failed = err
			return line
		}
		whole := strings.HasPrefix(text, "{")
		if !whole {
			text = "{" + text + "}"
		}
		if !json.Valid([]byte(text)) { // part of a value
			return line
		}
		text, err := insert(text, before, f)
		if err != nil {
			failed = err
			return line
		}
		if !whole {
			text = text[1 : len(text)-1]
		}
		return strings.Replace(line, old, quote(text), 1)
	})
	missing := func(name string) string { return fmt.Sprintf(`{"rule": "required", "pointer": "/%s"}`, name) }
	cases = strings.ReplaceAll(cases, missing(before), missing(before)+",\n        "+missing(f.name))
	// A contact that a case writes in parts begins with the text head.
	cases = regexp.MustCompile(`"\{<<head>>(?:[^"\\]|\\.)*"`).ReplaceAllStringFunc(cases, func(old string) string {
		var text string
		if err := json.Unmarshal([]byte(old), &text); err != nil {
			failed = err
			return old
		}
		key := `"` + before + `":`
		_, rest, ok := strings.Cut(text, key)
		if !ok {
			return old
		}
		var value json.RawMessage
		d := json.NewDecoder(strings.NewReader(rest))
		if err := d.Decode(&value); err != nil {
			return old // the case tests the missing field
		}
		at := len(text) - len(rest) + int(d.InputOffset())
		return quote(text[:at] + `,"` + f.name + `":` + string(f.example) + text[at:])
	})
	return texts + `"cases": [` + cases, failed
}

// insert adds the member f to a JSON object that has the member before but not f.
func insert(object, before string, f field) (string, error) {
	names, err := order([]byte(object))
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(strings.NewReader(object))
	_, _ = d.Token() // order has read it
	at, key := 0, ""
	for _, name := range names {
		if name == f.name {
			return object, nil
		}
		start := int(d.InputOffset())
		_, _ = d.Token()
		end := int(d.InputOffset())
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", err
		}
		if name == before {
			at = int(d.InputOffset())
			colon := object[end:at]
			key = strings.TrimLeft(object[start:end], ",")
			key = strings.Replace(key, `"`+name+`"`, `"`+f.name+`"`, 1) + colon[:len(colon)-len(bytes.TrimLeft([]byte(colon), ": "))]
		}
	}
	if at == 0 {
		return object, nil
	}
	return object[:at] + "," + key + string(f.example) + object[at:], nil
}
