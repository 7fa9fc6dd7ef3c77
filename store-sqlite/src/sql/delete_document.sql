delete from document where view = ?1 and key = ?2
