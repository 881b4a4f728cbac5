"""Workbooks that go out: templates, exports of any edition, differences, and the user's own workbook marked.

Readers may use this room on a mirror as well. Only ``template`` and the child that marks a workbook import
``importers``; everything else takes headings from the layout in the sealed file (:mod:`maxa.sheets.layout`).
"""
