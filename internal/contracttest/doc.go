// Package contracttest tests package contact through its exported names. The checks
// that the fuzz targets of the root folder share with these tests are exported.
package contracttest
