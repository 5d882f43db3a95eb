package main

import (
	"errors"
	"time"

	"github.com/partner-contacts/contact"
)

// later is the moment of every update here, after the stored contact's.
var later = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// ours are the functions of this library. The others are compared to Parse for
// a whole contact, to ParsePatch for a patch, and to the whole update.
func ours() []contender {
	return []contender{
		{name: "contact.Parse", us: true, list: ourFaults, full: func(body []byte) error {
			_, err := contact.Parse(body)
			return err
		}},
		{name: "contact.ParsePatch", us: true, near: true, list: ourFaults, patch: parsePatch},
		{name: "contact.AppendMerge", us: true, list: ourFaults, update: update},
		{name: "contact, step by step", ours: true, list: ourFaults, update: updateInSteps},
		{name: "contact.Check", ours: true, list: ourFaults, full: contact.Check},
		{name: "contact.ParsePatch", ours: true, list: ourFaults, full: parsePatch},
		{name: "contact.CheckPatch", ours: true, near: true, list: ourFaults, full: contact.CheckPatch, patch: contact.CheckPatch},
	}
}

func parsePatch(body []byte) error {
	_, err := contact.ParsePatch(body)
	return err
}

// merged is the buffer that update writes to again and again, as a service would that hands the document on at once.
var merged []byte

func update(stored, patch []byte) (_ []byte, err error) {
	merged, _, err = contact.AppendMerge(merged[:0], stored, patch, later)
	return merged, err
}

// updateInSteps is the same for a service that has use for the contact itself.
func updateInSteps(stored, patch []byte) ([]byte, error) {
	existing, err := contact.ParseStored(stored)
	if err != nil {
		return nil, err
	}
	p, err := contact.ParsePatch(patch)
	if err != nil {
		return nil, err
	}
	merged, _, err := contact.Merge(existing, p, later)
	if err != nil {
		return nil, err
	}
	return merged.AppendJSON(nil), nil
}

func ourFaults(dst []string, err error) []string {
	errs, _ := errors.AsType[contact.Errors](err)
	for i := range errs {
		dst = append(dst, errs[i].Pointer)
	}
	return dst
}
