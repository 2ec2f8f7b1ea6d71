-- The LIVEs whose pins alone are to be counted again; null for the whole log.
alter table resettle add column pins_of text[];
