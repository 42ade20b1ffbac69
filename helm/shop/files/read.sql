-- Writes the file that datasvc reads (SHOP_DATA_FILE).
select json_build_object(
    'products', (select coalesce(json_agg(p order by p.id), '[]') from products p),
    'orders', (select coalesce(json_agg(o order by o.id), '[]') from orders o)
);
